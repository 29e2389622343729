// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A word or sign of an expression.
struct Token: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case endOfInput
        /// The text cannot be read on; `text` says why.
        case error
        case identifier
        /// A name with a colon, which only a metric can have.
        case metricIdentifier
        case keyword(Keyword)
        case aggregate(AggregateOperator)
        case binary(BinaryOperator)
        case number
        case duration
        /// `text` is the value without quotes and escapes.
        case string
        case leftParenthesis, rightParenthesis, leftBrace, rightBrace, leftBracket, rightBracket
        case comma, colon, at
        /// `=`, `=~` and `!~`; `!=` is a binary operator.
        case equal, matches, matchesNot
    }

    var kind: Kind
    var text: String
    var range: SourceRange

    /// How errors name the token.
    ///
    /// Source: Prometheus, promql/parser/lex.go: `Item.desc`.
    var description: String {
        switch kind {
        case .endOfInput: "end of input"
        case .error: "error \(text)"
        // These four are no keywords to Prometheus, but words of their own.
        case .keyword(.start), .keyword(.end): quotedText(text)
        case .identifier where ["step", "range"].contains(text.lowercased()): quotedText(text)
        case .identifier: "identifier \(quotedText(text))"
        case .metricIdentifier: "metric identifier \(quotedText(text))"
        case .keyword: "<\(text)>"
        case .aggregate: "<aggr:\(text)>"
        case .binary, .matches, .matchesNot: "<op:\(text)>"
        case .number: "number \(shortened)"
        case .duration: "duration \(shortened)"
        case .string: "string \(shortened)"
        default: quotedText(text)
        }
    }

    private var shortened: String {
        text.unicodeScalars.count > 10
            ? quotedText(String(String.UnicodeScalarView(text.unicodeScalars.prefix(10)))) + "..."
            : quotedText(text)
    }
}

/// The words of the language beside operators; all may also name labels, and most name metrics.
enum Keyword: String, Sendable, Hashable, CaseIterable {
    case bool, by, on, ignoring, without, offset, anchored, smoothed, fill, start, end
    case groupLeft = "group_left"
    case groupRight = "group_right"
    case fillLeft = "fill_left"
    case fillRight = "fill_right"

    /// Whether a metric may have the name without quotes.
    var canNameMetric: Bool {
        switch self {
        case .bool, .on, .ignoring, .groupLeft, .groupRight: false
        default: true
        }
    }
}

extension Token {
    /// The kind of a word outside braces.
    static func kind(ofWord word: String) -> Kind {
        let lower = word.lowercased()
        if let keyword = Keyword(rawValue: lower) { return .keyword(keyword) }
        if let aggregate = AggregateOperator(rawValue: lower) { return .aggregate(aggregate) }
        switch lower {
        case "and", "or", "unless", "atan2":
            return BinaryOperator(rawValue: lower).map(Kind.binary) ?? .identifier
        case "inf", "nan": return .number
        default: return word.utf8.contains(UInt8(ascii: ":")) ? .metricIdentifier : .identifier
        }
    }
}
