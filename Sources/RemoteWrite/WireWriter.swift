// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Appends protobuf's wire format to bytes; fields with default values are the caller's to leave out.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// A whole number; a negative one takes ten bytes, as protobuf has it.
    mutating func field(_ number: UInt64, integer value: Int64) {
        varint(number << 3)
        varint(UInt64(bitPattern: value))
    }

    /// A number, with the bits of a NaN kept.
    mutating func field(_ number: UInt64, double value: Double) {
        varint(number << 3 | 1)
        for place in 0..<8 {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(8 * place)))
        }
    }

    /// A text, or a message's bytes.
    mutating func field(_ number: UInt64, bytes value: some Collection<UInt8>) {
        varint(number << 3 | 2)
        varint(UInt64(value.count))
        bytes += value
    }

    /// The head of a message, whose fields follow and have so many bytes.
    mutating func begin(_ number: UInt64, byteCount: Int) {
        varint(number << 3 | 2)
        varint(UInt64(byteCount))
    }

    /// Bytes that are fields already.
    mutating func fields(_ encoded: [UInt8]) { bytes += encoded }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
