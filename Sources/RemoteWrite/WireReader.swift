// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Reads protobuf's wire format; never beyond its bytes, whatever they say.
///
/// A message inside another is read by the same reader, from the start of its field to its end.
/// Source: protobuf.dev, "Encoding". Groups, which nobody sends any more, are refused.
struct WireReader: ~Copyable {
    /// Why bytes are no message.
    enum Failure: Error, Hashable {
        /// A number or a field goes on beyond the end.
        case truncated
        /// A number has more than 64 bits, or a field a type or number that does not exist.
        case malformed
        /// There are more parts than are taken.
        case tooMuch
    }

    /// A field's value, by the type it was sent with.
    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(Range<Int>)
    }

    let bytes: [UInt8]
    /// Where the next field begins.
    var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next field of the message that ends at `end`, which is within the bytes; nil there.
    @inline(__always)
    mutating func next(before end: Int) throws(Failure) -> (number: UInt64, value: Value)? {
        guard position < end else { return nil }
        let tag = try varint(before: end)
        let number = tag >> 3
        guard number > 0, number < 1 << 29 else { throw .malformed }
        switch tag & 7 {
        case 0: return (number, .varint(try varint(before: end)))
        case 1: return (number, .fixed64(try fixed64(before: end)))
        case 2:
            let count = try varint(before: end)
            guard count <= UInt64(end - position) else { throw .truncated }
            let start = position
            position += Int(count)
            return (number, .bytes(start..<position))
        case 5:
            guard end - position >= 4 else { throw .truncated }
            var value: UInt32 = 0
            for place in 0..<4 { value |= UInt32(bytes[position + place]) << UInt32(8 * place) }
            position += 4
            return (number, .fixed32(value))
        default: throw .malformed
        }
    }

    @inline(__always)
    private mutating func varint(before end: Int) throws(Failure) -> UInt64 {
        guard position < end else { throw .truncated }
        let first = bytes[position]
        position += 1
        return first < 0x80 ? UInt64(first) : try longVarint(UInt64(first & 0x7F), end)
    }

    private mutating func longVarint(_ first: UInt64, _ end: Int) throws(Failure) -> UInt64 {
        var value = first
        for shift in stride(from: UInt64(7), to: 70, by: 7) {
            guard position < end else { throw .truncated }
            let byte = bytes[position]
            position += 1
            if shift == 63, byte > 1 { throw .malformed }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .malformed
    }

    private mutating func fixed64(before end: Int) throws(Failure) -> UInt64 {
        guard end - position >= 8 else { throw .truncated }
        let place = position
        position += 8
        return unsafe bytes.withUnsafeBytes { bytes in
            UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        }
    }
}

extension WireReader.Value {
    var integer: Int64? {
        guard case .varint(let value) = self else { return nil }
        return Int64(bitPattern: value)
    }

    var double: Double? {
        guard case .fixed64(let bits) = self else { return nil }
        return Double(bitPattern: bits)
    }

    var range: Range<Int>? {
        guard case .bytes(let range) = self else { return nil }
        return range
    }
}
