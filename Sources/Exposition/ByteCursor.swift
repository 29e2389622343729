// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc
internal import Samples

/// Why a line was refused.
struct LineFault: Error {
    let message: String

    init(_ message: String) { self.message = message }
}

/// A place in the bytes of a page, inside one line of it.
struct ByteCursor {
    let bytes: [UInt8]
    private var place = 0
    private var end = 0
    private var nextStart = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Goes to the next line; false at the end.
    mutating func nextLine() -> Bool {
        guard nextStart < bytes.count else { return false }
        place = nextStart
        end = lineEnd(from: nextStart)
        nextStart = end + 1
        // Pages from Windows end their lines in two bytes.
        if end > place, bytes[end - 1] == 13 { end -= 1 }
        return true
    }

    private func lineEnd(from start: Int) -> Int {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress,
                let found = unsafe memchr(base + start, 10, bytes.count - start)
            else { return bytes.count }
            return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }

    /// Steps over a series' text if the line goes on with just that.
    mutating func take(_ texts: [UInt8], from start: Int, count: Int) -> Bool {
        guard count > 0, end - place >= count, start + count <= texts.count else { return false }
        let isSame = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe texts.withUnsafeBufferPointer { texts in
                guard let base = bytes.baseAddress, let text = texts.baseAddress
                else {
                    return false
                }
                return unsafe memcmp(base + place, text + start, count) == 0
            }
        }
        guard isSame else { return false }
        let behind = place + count
        // A name alone may be the beginning of a longer one, or its labels may follow.
        if texts[start + count - 1] != UInt8(ascii: "}") {
            guard behind < end, bytes[behind] == 32 || bytes[behind] == 9 else { return false }
            var next = behind
            while next < end, bytes[next] == 32 || bytes[next] == 9 { next += 1 }
            guard next < end, bytes[next] != UInt8(ascii: "{") else { return false }
        }
        place = behind
        return true
    }

    /// The byte at the place; nil at the line's end.
    var byte: UInt8? { place < end ? bytes[place] : nil }

    mutating func advance() { place += 1 }

    mutating func skipBlanks() {
        while place < end, bytes[place] == 32 || bytes[place] == 9 { place += 1 }
    }

    /// The bytes up to the next blank.
    mutating func word() -> String {
        let start = place
        while place < end, bytes[place] != 32, bytes[place] != 9 { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    /// Everything up to the line's end.
    mutating func rest() -> String {
        defer { place = end }
        return String(decoding: bytes[place..<end], as: UTF8.self)
    }

    /// A text in quotes, without them and with its escapes replaced.
    mutating func quoted() throws(LineFault) -> String {
        place += 1
        let start = place
        while place < end, bytes[place] != UInt8(ascii: "\"") {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard place < end else { throw LineFault("a quote is not closed") }
        place += 1
        return unescaped(bytes[start..<(place - 1)])
    }

    /// The name and the labels as written, without what follows.
    mutating func seriesText() throws(LineFault) -> ArraySlice<UInt8> {
        let start = place
        while place < end, bytes[place] != 32, bytes[place] != 9, bytes[place] != 123 { place += 1 }
        let nameEnd = place
        skipBlanks()
        guard byte == UInt8(ascii: "{") else {
            place = nameEnd
            return bytes[start..<place]
        }
        var isQuoted = false
        while place < end {
            let byte = bytes[place]
            place += 1
            if isQuoted, byte == UInt8(ascii: "\\") { place += 1 }
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == UInt8(ascii: "}"), !isQuoted { return bytes[start..<min(place, end)] }
        }
        throw LineFault("the labels are not closed")
    }

    /// A number up to the next blank; nil where it is none.
    mutating func number() -> Double? {
        let start = place
        while place < end, bytes[place] != 32, bytes[place] != 9 { place += 1 }
        if let value = simpleNumber(bytes, start..<place) { return value }
        return exactNumber(String(decoding: bytes[start..<place], as: UTF8.self))
    }
}

/// Reads the labels of one series as written: `name{a="b",...}` or `{"name",a="b"}`.
struct SeriesParser {
    private var cursor: ByteCursor
    private var list: [Label] = []

    init(_ text: ArraySlice<UInt8>) {
        cursor = ByteCursor(bytes: Array(text))
        _ = cursor.nextLine()
    }

    /// The whole label set, with `__name__`.
    mutating func labels() throws(LineFault) -> LabelSet {
        let name = cursor.name(allowsColon: true)
        if !name.isEmpty { list.append(Label(name: .metricName, value: Symbol(name))) }
        cursor.skipBlanks()
        if cursor.byte == UInt8(ascii: "{") {
            cursor.advance()
            while try oneLabel() {}
        }
        guard cursor.byte == nil else { throw LineFault("the metric's name is not right") }
        guard Set(list.map(\.name)).count == list.count else {
            throw LineFault("a label stands twice")
        }
        guard list.contains(where: { $0.name == .metricName }) else {
            throw LineFault("the metric's name is missing")
        }
        return LabelSet(list)
    }

    /// Reads one label; false at the closing brace.
    private mutating func oneLabel() throws(LineFault) -> Bool {
        cursor.skipBlanks()
        if cursor.byte == UInt8(ascii: "}") {
            cursor.advance()
            return false
        }
        let isQuoted = cursor.byte == UInt8(ascii: "\"")
        let name = isQuoted ? try cursor.quoted() : cursor.name(allowsColon: false)
        guard !name.isEmpty else { throw LineFault("a label's name is not right") }
        cursor.skipBlanks()
        if cursor.byte == UInt8(ascii: "=") {
            cursor.advance()
            cursor.skipBlanks()
            guard cursor.byte == UInt8(ascii: "\"") else {
                throw LineFault("the value of label \(name) is not in quotes")
            }
            list.append(Label(name: Symbol(name), value: Symbol(try cursor.quoted())))
        } else {
            guard isQuoted, list.isEmpty else { throw LineFault("label \(name) has no value") }
            list.append(Label(name: .metricName, value: Symbol(name)))
        }
        cursor.skipBlanks()
        if cursor.byte == UInt8(ascii: ",") {
            cursor.advance()
        } else if cursor.byte != UInt8(ascii: "}") {
            throw LineFault("',' or '}' is missing after label \(name)")
        }
        return true
    }
}

extension ByteCursor {
    /// Letters, digits after the first, `_`, and `:` in the names of metrics.
    mutating func name(allowsColon: Bool) -> String {
        var text: [UInt8] = []
        while let byte {
            let isDigit = byte &- 48 < 10
            let isLetter = (byte | 32) &- 97 < 26 || byte == 95 || (allowsColon && byte == 58)
            guard isLetter || (isDigit && !text.isEmpty) else { break }
            text.append(byte)
            advance()
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// A label's value with `\\`, `\"` and `\n` replaced; other escapes stay, as in Prometheus.
func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
    guard bytes.contains(92) else { return String(decoding: bytes, as: UTF8.self) }
    var result: [UInt8] = []
    var isEscaped = false
    for byte in bytes {
        if isEscaped {
            switch byte {
            case UInt8(ascii: "n"): result.append(10)
            case 92, 34: result.append(byte)
            default: result += [92, byte]
            }
            isEscaped = false
        } else if byte == 92 {
            isEscaped = true
        } else {
            result.append(byte)
        }
    }
    return String(decoding: result, as: UTF8.self)
}

/// A number in decimal or scientific form, or an infinity or NaN in any case; nil for anything else.
///
/// Hexadecimal digits and `_` are refused, which both formats forbid.
func exactNumber(_ text: String) -> Double? {
    switch text.lowercased() {
    case "nan", "+nan", "-nan": return .nan
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    default: break
    }
    let allowed = text.utf8.allSatisfy { byte in
        byte &- 48 < 10 || byte == 43 || byte == 45 || byte == 46 || byte | 32 == 101
    }
    guard allowed else { return nil }
    return Double(text)
}
