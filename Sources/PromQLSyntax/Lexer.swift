// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Cuts an expression into tokens.
///
/// Braces and brackets have words of their own, so the lexer keeps track of them.
///
/// Source: Prometheus, promql/parser/lex.go.
struct Lexer {
    let bytes: [UInt8]
    /// Where the current token starts.
    var start = 0
    /// The next byte to read.
    var position = 0
    private var openParentheses = 0
    private var isInBraces = false
    private var isInBrackets = false
    private var hasColon = false
    private var hasDuration = false
    private var tokens: [Token] = []

    private init(_ text: String) { bytes = Array(text.utf8) }

    /// The tokens of a text; the last is the end of input or an error.
    static func tokens(of text: String) -> [Token] {
        var lexer = Lexer(text)
        while true {
            let token = lexer.next()
            lexer.tokens.append(token)
            if token.kind == .endOfInput || token.kind == .error { return lexer.tokens }
        }
    }

    private mutating func next() -> Token {
        skipSpaceAndComments()
        start = position
        guard let byte = peek() else { return endOfInput() }
        if isInBraces { return insideBraces(byte) }
        if isInBrackets, !canBeInBrackets(byte) {
            return fault("unexpected character in duration expression: \(characterText(at: start))")
        }
        if let token = punctuation(byte) ?? operation(byte) { return token }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return quotedString(byte)
        case UInt8(ascii: "`"): return rawString()
        case _ where isDigit(byte) || byte == UInt8(ascii: ".") && isDigit(peek(1)):
            hasDuration = true
            return numberOrDuration()
        case _ where isAlpha(byte) || byte == UInt8(ascii: ":"): return word()
        default: return fault("unexpected character: \(characterText(at: position))")
        }
    }

    private func endOfInput() -> Token {
        if isInBraces { return fault("unexpected end of input inside braces") }
        if isInBrackets { return fault("unexpected end of input in duration expression") }
        if openParentheses > 0 { return fault("unclosed left parenthesis") }
        return Token(kind: .endOfInput, text: "", range: position..<position)
    }

    private mutating func skipSpaceAndComments() {
        while let byte = peek() {
            if byte == UInt8(ascii: "#") {
                while let byte = peek(), byte != 10, byte != 13 { position += 1 }
            } else if isSpace(byte) {
                position += 1
            } else {
                return
            }
        }
    }

    /// Reads parentheses, braces, brackets, commas, colons in brackets and `@`.
    private mutating func punctuation(_ byte: UInt8) -> Token? {
        let sign = characterText(at: position)
        switch byte {
        case UInt8(ascii: "("):
            openParentheses += 1
            return take(.leftParenthesis)
        case UInt8(ascii: ")"):
            guard openParentheses > 0 else {
                // Prometheus' lexer takes the parenthesis before it complains.
                start += 1
                return fault("unexpected right parenthesis \(sign)")
            }
            openParentheses -= 1
            return take(.rightParenthesis)
        case UInt8(ascii: "{"):
            isInBraces = true
            return take(.leftBrace)
        case UInt8(ascii: "["):
            guard !isInBrackets else { return fault("unexpected left bracket \(sign)") }
            (isInBrackets, hasColon, hasDuration) = (true, false, false)
            return take(.leftBracket)
        case UInt8(ascii: "]"):
            guard isInBrackets else { return fault("unexpected right bracket \(sign)") }
            isInBrackets = false
            return take(.rightBracket)
        case UInt8(ascii: ":") where isInBrackets:
            return colon()
        case UInt8(ascii: ","): return take(.comma)
        case UInt8(ascii: "@"): return take(.at)
        default: return nil
        }
    }

    /// Reads the colon of a subquery, of which there is one, behind the range.
    private mutating func colon() -> Token {
        let token = take(.colon)
        start = position
        guard hasDuration else {
            return fault("unexpected colon before duration in duration expression")
        }
        guard !hasColon else {
            return fault("unexpected repeated colon in duration expression")
        }
        hasColon = true
        return token
    }

    /// Whether a byte can begin a token between brackets, where only lengths of time stand.
    private func canBeInBrackets(_ byte: UInt8) -> Bool {
        if "]:()+-*/%^,".utf8.contains(byte) || isDigit(byte) { return true }
        if byte == UInt8(ascii: ".") { return isDigit(peek(1)) }
        guard "smr".utf8.contains(byte | 0x20) else { return false }
        let rest = bytes[position...].prefix { isAlphanumeric($0) && !isDigit($0) }
        let word = String(decoding: rest, as: UTF8.self).lowercased()
        return ["step", "range", "min_of", "max_of"].contains(word)
    }

    private mutating func operation(_ byte: UInt8) -> Token? {
        let second = peek(1)
        switch byte {
        case UInt8(ascii: "="):
            if second == UInt8(ascii: "=") { return take(.binary(.equal), 2) }
            guard second != UInt8(ascii: "~") else {
                return fault("unexpected character after '=': '~'")
            }
            return take(.equal)
        case UInt8(ascii: "!"):
            if second == UInt8(ascii: "=") { return take(.binary(.notEqual), 2) }
            return fault("unexpected character after '!': \(characterText(at: position + 1))")
        case UInt8(ascii: "<"), UInt8(ascii: ">"):
            let isPair = second == UInt8(ascii: "=") || second == UInt8(ascii: "/")
            return named(length: isPair ? 2 : 1)
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"),
            UInt8(ascii: "%"), UInt8(ascii: "^"):
            return named(length: 1)
        default: return nil
        }
    }

    private mutating func named(length: Int) -> Token? {
        let text = String(decoding: bytes[position..<position + length], as: UTF8.self)
        return BinaryOperator(rawValue: text).map { take(.binary($0), length) }
    }

    private mutating func insideBraces(_ byte: UInt8) -> Token {
        let second = peek(1)
        switch byte {
        case UInt8(ascii: ","): return take(.comma)
        case UInt8(ascii: "="):
            return second == UInt8(ascii: "~") ? take(.matches, 2) : take(.equal)
        case UInt8(ascii: "!"):
            if second == UInt8(ascii: "~") { return take(.matchesNot, 2) }
            if second == UInt8(ascii: "=") { return take(.binary(.notEqual), 2) }
            let sign = characterText(at: position + 1)
            return fault("unexpected character after '!' inside braces: \(sign)")
        case UInt8(ascii: "{"): return fault("unexpected left brace '{'")
        case UInt8(ascii: "}"):
            isInBraces = false
            return take(.rightBrace)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return quotedString(byte)
        case UInt8(ascii: "`"): return rawString()
        case _ where isAlpha(byte):
            while isAlphanumeric(peek()) { position += 1 }
            return token(.identifier)
        default:
            return fault("unexpected character inside braces: \(characterText(at: position))")
        }
    }

    /// Reads a name; inside brackets a colon ends it.
    private mutating func word() -> Token {
        hasDuration = true
        while let byte = peek(),
            isAlphanumeric(byte) || byte == UInt8(ascii: ":") && !isInBrackets
        {
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return token(Token.kind(ofWord: text))
    }
}

extension Lexer {
    /// The byte `distance` ahead; nil past the end.
    func peek(_ distance: Int = 0) -> UInt8? {
        position + distance < bytes.count ? bytes[position + distance] : nil
    }

    /// Makes a token of what was read since `start`.
    func token(_ kind: Token.Kind) -> Token {
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return Token(kind: kind, text: text, range: start..<position)
    }

    /// Reads `length` bytes more and makes a token.
    mutating func take(_ kind: Token.Kind, _ length: Int = 1) -> Token {
        position += length
        return token(kind)
    }

    /// Ends the reading at the current token; the rest of the text is the place of the error.
    func fault(_ message: String) -> Token {
        Token(kind: .error, text: message, range: start..<bytes.count)
    }

    /// The character at an offset in single quotes, as Go's `%q` writes it.
    func characterText(at offset: Int) -> String {
        guard offset < bytes.count else { return "'\u{FFFD}'" }
        let text = String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self)
        switch text.unicodeScalars.first {
        case "\n": return "'\\n'"
        case "\r": return "'\\r'"
        case "\t": return "'\\t'"
        case let scalar? where scalar.value < 32 || scalar.value == 127:
            return "'\(controlText(scalar))'"
        case "'": return "'\\''"
        case "\\": return "'\\\\'"
        case let scalar?: return "'\(scalar)'"
        case nil: return "''"
        }
    }
}

/// A control character as Go's `%q` writes it.
private func controlText(_ scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case 7: return "\\a"
    case 8: return "\\b"
    case 11: return "\\v"
    case 12: return "\\f"
    default:
        let digits = String(scalar.value, radix: 16)
        return "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
    }
}
