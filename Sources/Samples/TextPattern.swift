// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// What simple regular expressions ask of a whole text, answered without one.
///
/// Texts are compared byte by byte, as RE2 does, and not by canonical equivalence.
/// Source: the same shortcuts as Prometheus, model/labels/regexp.go.
enum TextPattern: Sendable, Hashable {
    /// `.*`
    case anything
    /// `.+`
    case something
    /// `foo`
    case equal(String)
    /// `foo|bar`
    case oneOf(Set<String>)
    /// `foo.*`, or `foo.+` with `needsMore`.
    case prefix(String, needsMore: Bool)
    /// `.*foo`, or `.+foo` with `needsMore`.
    case suffix(String, needsMore: Bool)
    /// `.*foo.*`
    case contains(String)
    /// `foo.*|bar`
    case anyOf([TextPattern])

    /// Reads an expression; nil where it is not that simple.
    init?(_ expression: String) {
        guard let body = Self.withoutGroup(expression.unicodeScalars[...]) else { return nil }
        var patterns: [TextPattern] = []
        for branch in Self.branches(body) {
            guard let pieces = Self.pieces(branch), let pattern = Self.pattern(pieces) else {
                return nil
            }
            patterns.append(pattern)
        }
        let texts = patterns.compactMap { if case .equal(let text) = $0 { text } else { nil } }
        if patterns.count == 1 {
            self = patterns[0]
        } else if texts.count == patterns.count {
            // Other texts may be equal as strings and not as bytes.
            guard texts.allSatisfy({ $0.utf8.allSatisfy { $0 < 128 } }) else { return nil }
            self = .oneOf(Set(texts))
        } else {
            self = .anyOf(patterns)
        }
    }

    /// Whether a text fulfils the pattern.
    func matches(_ text: String) -> Bool {
        let bytes = text.utf8
        switch self {
        case .anything: return true
        case .something: return !bytes.isEmpty
        case .equal(let wanted):
            return bytes.count == wanted.utf8.count && bytes.elementsEqual(wanted.utf8)
        case .oneOf(let wanted):
            guard let place = wanted.firstIndex(of: text) else { return false }
            return wanted[place].utf8.count == bytes.count
        case .prefix(let start, let needsMore):
            return bytes.count >= start.utf8.count + (needsMore ? 1 : 0)
                && bytes.starts(with: start.utf8)
        case .suffix(let end, let needsMore):
            return bytes.count >= end.utf8.count + (needsMore ? 1 : 0)
                && bytes.suffix(end.utf8.count).elementsEqual(end.utf8)
        case .contains(let part): return Self.contains(bytes, part.utf8)
        case .anyOf(let patterns): return patterns.contains { $0.matches(text) }
        }
    }

    private static func contains(_ text: String.UTF8View, _ part: String.UTF8View) -> Bool {
        guard let first = part.first else { return true }
        var rest = text[...]
        while rest.count >= part.count, let place = rest.firstIndex(of: first) {
            rest = rest[place...]
            if rest.starts(with: part) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}

/// Reading.
extension TextPattern {
    private typealias Scalars = Substring.UnicodeScalarView

    private enum Piece {
        case literal(String)
        case wild(needsMore: Bool)
    }

    /// Takes one pair of parentheses around everything away; nil where there are others.
    private static func withoutGroup(_ text: Scalars) -> Scalars? {
        var body = text
        let string = String(Substring(text))
        if string.hasPrefix("("), string.hasSuffix(")") {
            let open = string.hasPrefix("(?:") ? 3 : 1
            guard text.count > open else { return nil }
            body = text.dropFirst(open).dropLast()
            // What is left must not end in the backslash of an escaped parenthesis.
            guard body.reversed().prefix(while: { $0 == "\\" }).count.isMultiple(of: 2) else {
                return nil
            }
        }
        return body
    }

    private static func branches(_ text: Scalars) -> [Scalars] {
        var result: [Scalars] = []
        var start = text.startIndex
        var index = start
        while index < text.endIndex {
            if text[index] == "|" {
                result.append(text[start..<index])
                start = text.index(after: index)
            } else if text[index] == "\\" {
                index = text.index(after: index)
                if index == text.endIndex { break }
            }
            index = text.index(after: index)
        }
        result.append(text[start...])
        return result
    }

    /// Splits into plain text and wild cards; nil where there is anything else.
    private static func pieces(_ text: Scalars) -> [Piece]? {
        var rest = text
        var pieces: [Piece] = []
        var literal = ""
        while let scalar = rest.popFirst() {
            switch scalar {
            case ".":
                guard let next = rest.popFirst(), next == "*" || next == "+" else { return nil }
                if rest.first == "?" { rest.removeFirst() }
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                literal = ""
                pieces.append(.wild(needsMore: next == "+"))
            case "\\":
                // Only punctuation stands for itself behind a backslash.
                guard let next = rest.popFirst(), "\\.+*?()|[]{}^$-/:".unicodeScalars.contains(next)
                else { return nil }
                literal.unicodeScalars.append(next)
            case "+", "*", "?", "(", ")", "[", "]", "{", "}", "^", "$": return nil
            default: literal.unicodeScalars.append(scalar)
            }
            if let next = rest.first, "*+?{".unicodeScalars.contains(next) { return nil }
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        return pieces
    }

    private static func pattern(_ pieces: [Piece]) -> TextPattern? {
        guard let first = pieces.first else { return .equal("") }
        switch (first, pieces.count) {
        case (.literal(let text), 1): return .equal(text)
        case (.wild(let needsMore), 1): return needsMore ? .something : .anything
        case (.literal(let text), 2):
            guard case .wild(let needsMore) = pieces[1] else { return nil }
            return .prefix(text, needsMore: needsMore)
        case (.wild(let needsMore), 2):
            guard case .literal(let text) = pieces[1] else { return nil }
            return .suffix(text, needsMore: needsMore)
        case (.wild(needsMore: false), 3):
            guard case .literal(let text) = pieces[1], case .wild(needsMore: false) = pieces[2]
            else { return nil }
            return .contains(text)
        default: return nil
        }
    }
}
