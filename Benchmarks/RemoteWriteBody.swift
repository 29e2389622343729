// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The body of a remote write request, version 1.0, built series by series.
///
/// It is written apart from the daemon's own writer, so that a benchmark of that has a second opinion.
struct RemoteWriteBody {
    private var message: [UInt8] = []

    /// Adds a series; labels are sorted by name.
    mutating func add(_ labels: [(String, String)], _ samples: [(time: Int64, value: Double)]) {
        var series: [UInt8] = []
        for (name, value) in labels {
            let label = field(1, Array(name.utf8)) + field(2, Array(value.utf8))
            series += field(1, label)
        }
        for sample in samples {
            var bytes: [UInt8] = [0x09]
            for place in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: sample.value.bitPattern >> (8 * place)))
            }
            bytes.append(0x10)
            bytes += varint(UInt64(bitPattern: sample.time))
            series += field(2, bytes)
        }
        message += field(1, series)
    }

    /// The message in snappy's block format, as one literal: nothing is compressed.
    ///
    /// Source: google/snappy, format_description.txt.
    var snappy: [UInt8] {
        let length = UInt32(message.count - 1)
        var bytes = varint(UInt64(message.count))
        bytes.append(63 << 2)
        for place in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: length >> (8 * place))) }
        return bytes + message
    }

    private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2] + varint(UInt64(bytes.count)) + bytes
    }

    private func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
