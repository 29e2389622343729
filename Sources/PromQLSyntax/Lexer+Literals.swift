// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Numbers and durations.
extension Lexer {
    /// Reads a number, or else a duration.
    mutating func numberOrDuration() -> Token {
        if scanNumber() { return token(.number) }
        let unit = position
        if scanDurationsRest() { return token(.duration) }
        let hasUnit = position > unit
        // The letter that spoiled the unit is part of what the error shows.
        if hasUnit, isAlphanumeric(peek()) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return fault("bad number or duration syntax: \(quotedText(text))")
    }

    /// Reads digits, one dot, one exponent and single underscores between digits.
    ///
    /// Reports false where it stopped at something that no number has.
    private mutating func scanNumber() -> Bool {
        let isHexadecimal = accept("0") && accept("xX")
        if isHexadecimal { _ = accept("_") }
        let digits = isHexadecimal ? "0123456789abcdefABCDEF" : "0123456789"
        var hasDot = accept(".")
        var hasExponent = false
        while true {
            if accept(digits) { continue }
            if accept(".") {
                if hasDot || isHexadecimal || accept("_.") { return false }
                hasDot = true
            } else if accept("eE") {
                if hasExponent { return false }
                hasExponent = true
                _ = accept("+-")
                if accept("._eE") || peek() == nil { return false }
            } else if accept("_") {
                if accept("._eE") || peek() == nil { return false }
            } else {
                return !isAlphanumeric(peek())
            }
        }
    }

    /// Reads units and further pairs of digits and unit; which units fit is checked later.
    private mutating func scanDurationsRest() -> Bool {
        guard accept("smhdwy") else { return false }
        _ = accept("s")
        while accept("0123456789") {
            while accept("0123456789") {}
            guard accept("smhdw") else { return false }
            _ = accept("s")
        }
        return !isAlphanumeric(peek())
    }

    private mutating func accept(_ set: String) -> Bool {
        guard let byte = peek(), set.utf8.contains(byte) else { return false }
        position += 1
        return true
    }
}

/// Texts in quotes.
extension Lexer {
    /// Reads a text in backticks, which knows no escapes.
    mutating func rawString() -> Token {
        let rest = bytes[(position + 1)...]
        let end = rest.firstIndex(of: UInt8(ascii: "`"))
        if holdsReplacement(position + 1..<(end ?? bytes.count)) { return invalidCharacter }
        guard let end else {
            position = bytes.count
            return fault("unterminated raw string")
        }
        let value = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
        position = end + 1
        return Token(kind: .string, text: value, range: start..<position)
    }

    /// Reads a text in single or double quotes, with Go's escapes.
    mutating func quotedString(_ quote: UInt8) -> Token {
        var value: [UInt8] = []
        position += 1
        while let byte = peek() {
            position += 1
            switch byte {
            case quote:
                // Bytes that are no UTF-8 become replacement characters: no label has such a text.
                let text = String(decoding: value, as: UTF8.self)
                return Token(kind: .string, text: text, range: start..<position)
            case UInt8(ascii: "\n"): return fault("unterminated quoted string")
            case UInt8(ascii: "\\"):
                if let message = escape(into: &value, quote: quote) { return fault(message) }
            default:
                if holdsReplacement(position - 1..<position + 2) { return invalidCharacter }
                value.append(byte)
            }
        }
        return fault("unterminated quoted string")
    }

    private var invalidCharacter: Token { fault("invalid UTF-8 rune") }

    /// Whether bytes hold the character that stands for what is no UTF-8: Go cannot tell it from that.
    private func holdsReplacement(_ range: Range<Int>) -> Bool {
        let end = min(range.upperBound, bytes.count)
        guard range.lowerBound + 2 < end else { return false }
        return (range.lowerBound..<end - 2).contains { place in
            bytes[place] == 0xEF && bytes[place + 1] == 0xBF && bytes[place + 2] == 0xBD
        }
    }

    /// Reads what follows a backslash; returns what is wrong with it.
    private mutating func escape(into value: inout [UInt8], quote: UInt8) -> String? {
        guard let byte = peek() else { return "escape sequence not terminated" }
        position += 1
        switch byte {
        case UInt8(ascii: "a"): value.append(7)
        case UInt8(ascii: "b"): value.append(8)
        case UInt8(ascii: "f"): value.append(12)
        case UInt8(ascii: "n"): value.append(10)
        case UInt8(ascii: "r"): value.append(13)
        case UInt8(ascii: "t"): value.append(9)
        case UInt8(ascii: "v"): value.append(11)
        case UInt8(ascii: "\\"), quote: value.append(byte)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            position -= 1
            return number(digits: 3, radix: 8, isByte: true, into: &value)
        case UInt8(ascii: "x"): return number(digits: 2, radix: 16, isByte: true, into: &value)
        case UInt8(ascii: "u"): return number(digits: 4, radix: 16, isByte: false, into: &value)
        case UInt8(ascii: "U"): return number(digits: 8, radix: 16, isByte: false, into: &value)
        default:
            position -= 1
            return "unknown escape sequence \(codePointText(at: position))"
        }
        return nil
    }

    private mutating func number(
        digits: Int,
        radix: UInt32,
        isByte: Bool,
        into value: inout [UInt8]
    ) -> String? {
        var code: UInt32 = 0
        for _ in 0..<digits {
            guard let byte = peek() else { return "escape sequence not terminated" }
            let digit = Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt32($0) }
            guard let digit, digit < radix else {
                return "illegal character \(codePointText(at: position)) in escape sequence"
            }
            code = code &* radix &+ digit
            position += 1
        }
        let invalid = "escape sequence is an invalid Unicode code point"
        if isByte {
            guard code < 256 else { return invalid }
            value.append(UInt8(code))
        } else {
            guard let scalar = Unicode.Scalar(code) else { return invalid }
            value.append(contentsOf: Array(String(scalar).utf8))
        }
        return nil
    }

    /// The character at an offset as Go's `%#U` writes it: `U+0071 'q'`.
    private func codePointText(at offset: Int) -> String {
        let text = String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self)
        guard let scalar = text.unicodeScalars.first else { return "U+FFFD '\u{FFFD}'" }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return scalar.value < 32 ? "U+\(padded)" : "U+\(padded) '\(scalar)'"
    }
}
