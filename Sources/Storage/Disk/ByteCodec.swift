// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Appends numbers and texts to bytes.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Seven bits a byte, lowest first.
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Small numbers of either sign take few bytes.
    mutating func zigzag(_ value: Int64) {
        varint(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// Eight or four bytes, lowest first.
    mutating func fixed(_ value: some FixedWidthInteger & UnsignedInteger) {
        for place in 0..<(value.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> (8 * place)))
        }
    }

    /// Appends bytes as they are.
    mutating func append(_ more: [UInt8]) { bytes += more }

    /// Takes zeros off the end.
    mutating func dropZeros(atMost limit: Int) {
        for _ in 0..<limit where bytes.last == 0 { bytes.removeLast() }
    }

    mutating func text(_ text: String) {
        varint(UInt64(text.utf8.count))
        bytes += text.utf8
    }
}

/// Reads what a `ByteWriter` wrote; never beyond the bytes, whatever they say.
struct ByteReader {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int
    /// Whether the bytes ended early or made no sense.
    private(set) var isBroken = false

    init(_ bytes: [UInt8], from start: Int = 0) {
        self.bytes = bytes
        position = start
        end = bytes.count
    }

    /// Whether there is nothing left.
    var isAtEnd: Bool { position >= end }

    mutating func varint() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < end, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        isBroken = true
        return 0
    }

    mutating func zigzag() -> Int64 {
        let value = varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func fixed<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type) -> Value {
        let count = Value.bitWidth / 8
        guard end - position >= count else {
            isBroken = true
            return 0
        }
        var value: Value = 0
        for place in 0..<count { value |= Value(bytes[position + place]) << (8 * place) }
        position += count
        return value
    }

    /// A number of which the highest `count` bytes are there, highest first.
    mutating func highBytes(_ count: Int) -> UInt64 {
        guard count <= 8, end - position >= count else {
            isBroken = true
            return 0
        }
        var value: UInt64 = 0
        for place in 0..<count {
            value |= UInt64(bytes[position + place]) << UInt64(56 - 8 * place)
        }
        position += count
        return value
    }

    mutating func text() -> String {
        let count = varint()
        guard count <= UInt64(end - position) else {
            isBroken = true
            return ""
        }
        defer { position += Int(count) }
        return String(decoding: bytes[position..<(position + Int(count))], as: UTF8.self)
    }
}
