// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SourceText

/// A word inside `{{ }}`.
struct TemplateToken {
    enum Kind: Equatable {
        case word(String)
        case variable(String)
        case field(String)
        case dot
        case literal(TemplateValue)
        case pipe
        case leftParenthesis
        case rightParenthesis
        case declare
        case assign
        case comma
        case space
        case end
    }

    var kind: Kind
    var offset: Int
}

/// A text, or the words of an action.
enum TemplatePiece {
    case text(String)
    case action([TemplateToken], offset: Int)
}

/// Splits a template into texts and actions, trim markers done.
struct TemplateLexer {
    private let bytes: [UInt8]
    private var index = 0
    private let source: String

    init(_ text: String) {
        source = text
        bytes = Array(text.utf8)
    }

    func error(_ message: String, at offset: Int) -> TemplateError {
        TemplateError(
            message: message,
            position: SourcePosition(utf8Offset: offset, in: source),
            utf8Offset: offset
        )
    }

    mutating func pieces() throws(TemplateError) -> [TemplatePiece] {
        var pieces: [TemplatePiece] = []
        var start = 0
        while index < bytes.count {
            guard at("{{") else {
                index += 1
                continue
            }
            var end = index
            let open = index
            index += 2
            if index + 1 < bytes.count, bytes[index] == 45, isSpace(bytes[index + 1]) {
                while end > start, isSpace(bytes[end - 1]) { end -= 1 }
                index += 1
            }
            appendText(start..<end, to: &pieces)
            if let action = try action(open) { pieces.append(action) }
            start = index
        }
        appendText(start..<bytes.count, to: &pieces)
        return pieces
    }

    private func appendText(_ range: Range<Int>, to pieces: inout [TemplatePiece]) {
        guard !range.isEmpty else { return }
        pieces.append(.text(String(decoding: bytes[range], as: UTF8.self)))
    }

    private func at(_ text: StaticString) -> Bool {
        let wanted = Array("\(text)".utf8)
        return index + wanted.count <= bytes.count
            && bytes[index..<index + wanted.count].elementsEqual(wanted)
    }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    /// Reads up to `}}`; a comment gives nil.
    private mutating func action(_ open: Int) throws(TemplateError) -> TemplatePiece? {
        while index < bytes.count, isSpace(bytes[index]) { index += 1 }
        if at("/*") {
            while index < bytes.count, !at("*/") { index += 1 }
            guard index < bytes.count else { throw error("unclosed comment", at: open) }
            index += 2
            guard close() else { throw error("comment ends before closing delimiter", at: open) }
            return nil
        }
        var tokens: [TemplateToken] = []
        while true {
            if close() {
                return .action(
                    tokens + [TemplateToken(kind: .end, offset: index - 2)],
                    offset: open
                )
            }
            guard index < bytes.count else { throw error("unclosed action", at: open) }
            tokens.append(try token())
        }
    }

    private mutating func close() -> Bool {
        let start = index
        while index < bytes.count, isSpace(bytes[index]) { index += 1 }
        let isTrimming = index > start && at("-}}")
        if isTrimming { index += 1 }
        guard at("}}") else {
            index = start
            return false
        }
        index += 2
        if isTrimming { while index < bytes.count, isSpace(bytes[index]) { index += 1 } }
        return true
    }

    private mutating func token() throws(TemplateError) -> TemplateToken {
        let start = index
        let byte = bytes[index]
        func made(_ kind: TemplateToken.Kind) -> TemplateToken {
            TemplateToken(kind: kind, offset: start)
        }
        if isSpace(byte) {
            while index < bytes.count, isSpace(bytes[index]) { index += 1 }
            return made(.space)
        }
        index += 1
        switch byte {
        case UInt8(ascii: "|"): return made(.pipe)
        case UInt8(ascii: "("): return made(.leftParenthesis)
        case UInt8(ascii: ")"): return made(.rightParenthesis)
        case UInt8(ascii: ","): return made(.comma)
        case UInt8(ascii: "="): return made(.assign)
        case UInt8(ascii: ":"):
            guard index < bytes.count, bytes[index] == 61 else {
                throw error("expected :=", at: start)
            }
            index += 1
            return made(.declare)
        case UInt8(ascii: "$"): return made(.variable("$" + name()))
        case UInt8(ascii: "\""): return made(.literal(.string(try quoted(start))))
        case UInt8(ascii: "`"): return made(.literal(.string(try raw(start))))
        case UInt8(ascii: "'"): return made(.literal(.int(try character(start))))
        case UInt8(ascii: "."):
            if index < bytes.count, (48...57).contains(bytes[index]) { break }
            let name = name()
            return made(name.isEmpty ? .dot : .field(name))
        default: break
        }
        index = start
        if (48...57).contains(byte) || byte == 43 || byte == 45 || byte == 46 {
            return made(.literal(try number(start)))
        }
        let word = name()
        guard !word.isEmpty else {
            let character = Character(Unicode.Scalar(byte))
            throw error("unexpected \"\(character)\" in command", at: start)
        }
        return made(.word(word))
    }

    private mutating func name() -> String {
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            let isLetter = (65...90).contains(byte) || (97...122).contains(byte) || byte >= 128
            guard isLetter || (48...57).contains(byte) || byte == 95 else { break }
            index += 1
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func number(_ start: Int) throws(TemplateError) -> TemplateValue {
        while index < bytes.count {
            let byte = bytes[index]
            let isSign =
                (byte == 43 || byte == 45)
                && (index == start || bytes[index - 1] == 101 || bytes[index - 1] == 69)
            let isLetter = (65...90).contains(byte) || (97...122).contains(byte)
            guard isSign || isLetter || (48...57).contains(byte) || byte == 46 || byte == 95 else {
                break
            }
            index += 1
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self).filter { $0 != "_" }
        if let value = Int(text) { return .int(value) }
        let lower = text.lowercased()
        if lower.hasPrefix("0x"), let value = Int(lower.dropFirst(2), radix: 16) {
            return .int(value)
        }
        if let value = Double(text), value.isFinite { return .float(value) }
        throw error("bad number syntax: \"\(text)\"", at: start)
    }

    private mutating func raw(_ start: Int) throws(TemplateError) -> String {
        while index < bytes.count, bytes[index] != 96 { index += 1 }
        guard index < bytes.count else { throw error("unterminated raw quoted string", at: start) }
        index += 1
        return String(decoding: bytes[start + 1..<index - 1], as: UTF8.self)
    }

    private mutating func character(_ start: Int) throws(TemplateError) -> Int {
        let text = try quoted(start, delimiter: 39)
        guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
            throw error("malformed character constant", at: start)
        }
        return Int(scalar.value)
    }

    private mutating func quoted(
        _ start: Int,
        delimiter: UInt8 = 34
    ) throws(TemplateError) -> String {
        var result: [UInt8] = []
        while index < bytes.count, bytes[index] != delimiter, bytes[index] != 10 {
            let byte = bytes[index]
            index += 1
            if byte == 92 { try escape(into: &result, start) } else { result.append(byte) }
        }
        guard index < bytes.count, bytes[index] == delimiter else {
            throw error("unterminated quoted string", at: start)
        }
        index += 1
        return String(decoding: result, as: UTF8.self)
    }

    private mutating func escape(into result: inout [UInt8], _ start: Int) throws(TemplateError) {
        guard index < bytes.count else { throw error("unterminated quoted string", at: start) }
        let byte = bytes[index]
        index += 1
        let simple: [UInt8: UInt8] = [
            97: 7, 98: 8, 102: 12, 110: 10, 114: 13, 116: 9, 118: 11, 92: 92, 34: 34, 39: 39,
        ]
        if let value = simple[byte] {
            result.append(value)
            return
        }
        let digits = [UInt8(ascii: "x"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8][byte] ?? 0
        let text = String(decoding: bytes[index..<min(index + digits, bytes.count)], as: UTF8.self)
        guard digits > 0, text.utf8.count == digits, let value = UInt32(text, radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw error("invalid syntax in quoted string", at: index - 2) }
        index += digits
        if digits == 2 { result.append(UInt8(value)) } else { result += Array("\(scalar)".utf8) }
    }
}
