// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Reads protobuf's wire format; never beyond its bytes, whatever they say.
///
/// Source: protobuf.dev, "Encoding". Groups, which nobody sends any more, are refused.
struct WireReader {
    /// Why bytes are no message.
    enum Failure: Error, Hashable {
        /// A number or a field goes on beyond the end.
        case truncated
        /// A number has more than 64 bits, or a field a type or number that does not exist.
        case malformed
        /// A text is not UTF-8.
        case notText
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

    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    init(_ bytes: [UInt8]) { self.init(bytes, 0..<bytes.count) }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field; nil at the end.
    mutating func next() throws(Failure) -> (number: UInt64, value: Value)? {
        guard position < end else { return nil }
        let tag = try varint()
        let number = tag >> 3
        guard number > 0, number < 1 << 29 else { throw .malformed }
        switch tag & 7 {
        case 0: return (number, .varint(try varint()))
        case 1: return (number, .fixed64(try fixed(8)))
        case 2: return (number, .bytes(try length()))
        case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
        default: throw .malformed
        }
    }

    /// The message inside a field.
    func message(_ range: Range<Int>) -> WireReader { WireReader(bytes, range) }

    /// The text inside a field.
    func text(_ range: Range<Int>) throws(Failure) -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else { throw .notText }
        return text
    }

    private mutating func varint() throws(Failure) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < end else { throw .truncated }
            let byte = bytes[position]
            position += 1
            if shift == 63, byte > 1 { throw .malformed }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .malformed
    }

    private mutating func fixed(_ count: Int) throws(Failure) -> UInt64 {
        guard end - position >= count else { throw .truncated }
        var value: UInt64 = 0
        for place in 0..<count { value |= UInt64(bytes[position + place]) << UInt64(8 * place) }
        position += count
        return value
    }

    private mutating func length() throws(Failure) -> Range<Int> {
        let count = try varint()
        guard count <= UInt64(end - position) else { throw .truncated }
        let start = position
        position += Int(count)
        return start..<position
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
