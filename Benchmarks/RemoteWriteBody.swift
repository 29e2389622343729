// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import RemoteWrite

/// The body of a remote write request, version 1.0, built series by series.
///
/// It is written apart from the daemon's own writer, so that a benchmark of that has a second opinion.
struct RemoteWriteBody {
    private var message: [UInt8] = []

    /// Adds a series; labels are sorted by name.
    mutating func add(_ labels: [(String, String)], _ samples: [(time: Int64, value: Double)]) {
        add(encoded: Self.encode(labels), samples)
    }

    /// The fields of a series' labels, which are sorted by name.
    static func encode(_ labels: [(String, String)]) -> [UInt8] {
        labels.reduce(into: []) { fields, label in
            let pair = field(1, Array(label.0.utf8)) + field(2, Array(label.1.utf8))
            fields += field(1, pair)
        }
    }

    /// Adds a series whose labels are fields already.
    mutating func add(encoded labels: [UInt8], _ samples: [(time: Int64, value: Double)]) {
        var series = labels
        for sample in samples {
            var bytes: [UInt8] = [0x09]
            for place in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: sample.value.bitPattern >> (8 * place)))
            }
            bytes.append(0x10)
            bytes += Self.varint(UInt64(bitPattern: sample.time))
            series += Self.field(2, bytes)
        }
        message += Self.field(1, series)
    }

    /// The message as senders pack it.
    var packed: [UInt8] { Snappy.compress(message) }

    /// The message in snappy's block format, as one literal: nothing is compressed.
    ///
    /// Source: google/snappy, format_description.txt.
    var snappy: [UInt8] {
        let length = UInt32(message.count - 1)
        var bytes = Self.varint(UInt64(message.count))
        bytes.append(63 << 2)
        for place in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: length >> (8 * place))) }
        return bytes + message
    }

    /// How many samples a message has, counted by its series' fields.
    static func sampleCount(in message: [UInt8]) -> Int {
        var count = 0
        fields(message, 0..<message.count) { number, series in
            guard number == 1 else { return }
            fields(message, series) { number, _ in if number == 2 { count += 1 } }
        }
        return count
    }

    /// Calls `body` with the number and the place of each field of bytes in a message that is right.
    private static func fields(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        _ body: (UInt64, Range<Int>) -> Void
    ) {
        var place = range.lowerBound
        func varint() -> UInt64 {
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while place < range.upperBound {
                let byte = bytes[place]
                place += 1
                value |= UInt64(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            return value
        }
        while place < range.upperBound {
            let tag = varint()
            guard tag & 7 == 2 else { return }
            let length = Int(truncatingIfNeeded: varint())
            let end = min(place + length, range.upperBound)
            body(tag >> 3, place..<end)
            place = end
        }
    }

    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2] + varint(UInt64(bytes.count)) + bytes
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
