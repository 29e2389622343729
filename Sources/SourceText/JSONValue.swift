// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A JSON document as a tree; members of objects keep their order.
public indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A key of an object with its value.
    public struct Member: Sendable, Hashable {
        /// The key.
        public var key: String
        /// The value.
        public var value: JSONValue

        /// Pairs a key and a value.
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// Reads one JSON document; nothing but white space may follow it.
    ///
    /// At most 128 levels deep. Source: RFC 8259, without leniency.
    ///
    /// - Throws: `JSONError` at the first byte that cannot be right.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        return try reader.document()
    }

    /// Reads one JSON document out of a text.
    ///
    /// - Throws: `JSONError` at the first byte that cannot be right.
    public static func parse(_ text: String) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8))
    }

    /// The value of a key, the last where it stands twice; nil for anything but an object.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    /// The element at a place; nil past the end and for anything but an array.
    public subscript(index: Int) -> JSONValue? {
        guard case .array(let items) = self, items.indices.contains(index) else { return nil }
        return items[index]
    }

    /// The text; nil for anything but a string.
    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The number; nil for anything but a number.
    public var number: Double? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    /// The truth; nil for anything but true and false.
    public var bool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    /// The elements; nil for anything but an array.
    public var array: [JSONValue]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    /// The members in order; nil for anything but an object.
    public var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// Whether this is null.
    public var isNull: Bool { self == .null }
}

/// Where and why a JSON text is wrong.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The byte's place from 0.
    public let offset: Int
    /// What is wrong there.
    public let message: String

    /// `JSON, byte N: what is wrong`.
    public var description: String { "JSON, byte \(offset): \(message)" }
}

/// Reads JSON byte by byte.
private struct JSONReader {
    /// Deep enough for any answer of a service, and far from the end of a thread's stack.
    static let maxDepth = 128

    let bytes: [UInt8]
    var place = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONError) -> JSONValue {
        let result = try value(depth: 0)
        skipSpace()
        guard place == bytes.count else { throw wrong("text after the document") }
        return result
    }

    private func wrong(_ message: String) -> JSONError {
        JSONError(offset: place, message: message)
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 32 || byte == 10 || byte == 13 || byte == 9 { place += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        guard depth < Self.maxDepth else { throw wrong("more than \(Self.maxDepth) levels") }
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .none: throw wrong("a value is missing")
        default: return .number(try number())
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        place += 1
        var members: [JSONValue.Member] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object([]) }
        while true {
            skipSpace()
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw wrong("':' is missing after a key") }
            members.append(JSONValue.Member(key: key, value: try value(depth: depth + 1)))
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw wrong("',' or '}' is missing") }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        place += 1
        var items: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            items.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(items) }
            guard take(UInt8(ascii: ",")) else { throw wrong("',' or ']' is missing") }
        }
    }

    private mutating func word(
        _ word: String,
        _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        for byte in word.utf8 {
            guard take(byte) else { throw wrong("not a value") }
        }
        return value
    }

    /// `-?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?`.
    private mutating func number() throws(JSONError) -> Double {
        let start = place
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        if let byte = next, (48...57).contains(byte) { throw wrong("a number starts with 0") }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        guard let number = Double(text), number.isFinite else {
            throw JSONError(offset: start, message: "a number that no double can hold")
        }
        return number
    }

    private mutating func digits() throws(JSONError) {
        let start = place
        while let byte = next, (48...57).contains(byte) { place += 1 }
        guard place > start else { throw wrong("not a value") }
    }

    private mutating func string() throws(JSONError) -> String {
        guard take(UInt8(ascii: "\"")) else { throw wrong("a string is missing") }
        var start = place
        var parts: [UInt8] = []
        while let byte = next {
            guard byte >= 32 else { throw wrong("a control character in a string") }
            place += 1
            if byte == UInt8(ascii: "\"") {
                let last = bytes[start..<(place - 1)]
                let text =
                    parts.isEmpty
                    ? String(validating: last, as: UTF8.self)
                    : String(validating: parts + last, as: UTF8.self)
                guard let text else { throw wrong("a string is not UTF-8") }
                return text
            }
            guard byte == UInt8(ascii: "\\") else { continue }
            parts += bytes[start..<(place - 1)]
            parts += String(try escape()).utf8
            start = place
        }
        throw wrong("a string has no end")
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard let byte = next else { throw wrong("a string has no end") }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "u"): return try unicode()
        default: throw wrong("an unknown escape")
        }
    }

    /// Four digits, or two halves of a surrogate pair; half a pair becomes U+FFFD.
    private mutating func unicode() throws(JSONError) -> Unicode.Scalar {
        let high = try hex()
        guard (0xD800..<0xDC00).contains(high), next == UInt8(ascii: "\\"),
            place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "u")
        else { return Unicode.Scalar(high) ?? "\u{FFFD}" }
        let before = place
        place += 2
        let low = try hex()
        guard (0xDC00..<0xE000).contains(low) else {
            place = before
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func hex() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue,
                byte < 128
            else { throw wrong("four hexadecimal digits are missing") }
            value = value << 4 | UInt32(digit)
            place += 1
        }
        return value
    }
}
