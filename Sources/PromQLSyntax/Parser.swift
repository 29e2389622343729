// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Reads an expression by recursive descent, operators by their precedence.
///
/// Syntax only: types are checked afterwards, by `TypeCheck`, as Prometheus does.
///
/// Source: Prometheus, promql/parser/generated_parser.y.
struct Parser {
    /// How deep expressions may nest: a recursive reader must stop before its stack does.
    static let maxDepth = 250
    /// How many binary operators a text may have: a chain of them is a tree as deep.
    static let maxOperators = 1_000

    let text: String
    let options: ParseOptions
    private let tokens: [Token]
    private var index = 0
    private var depth = 0
    private var contexts: [Context] = []
    private var operators = 0
    /// A metric named twice, which is only a mistake where the text has no other.
    var doubleName: ParseError?

    init(_ text: String, options: ParseOptions) {
        self.text = text
        self.options = options
        tokens = Lexer.tokens(of: text)
    }

    /// Reads the whole text as one expression.
    mutating func whole() throws(ParseError) -> Expression {
        guard current.kind != .endOfInput else {
            throw fault("no expression found in input", at: 0..<0)
        }
        let result = try expression()
        guard current.kind == .endOfInput else { throw unexpected() }
        if let doubleName { throw doubleName }
        return result
    }

    /// Reads the whole text as one selector without modifiers.
    mutating func wholeSelector() throws(ParseError) -> VectorSelector {
        guard current.kind != .endOfInput else {
            throw fault("unexpected end of input", at: current.range)
        }
        guard current.kind == .leftBrace || isMetricName(current) else { throw unexpected() }
        let result = try vectorSelector()
        guard current.kind == .endOfInput else { throw unexpected() }
        if let doubleName { throw doubleName }
        return result
    }

    /// Reads an expression whose operators bind at least as tightly as `minimum`.
    mutating func expression(binding minimum: Int = 0) throws(ParseError) -> Expression {
        var left = try nested { parser throws(ParseError) in try parser.signed() }
        while case .binary(let operation) = current.kind, operation.precedence >= minimum {
            operators += 1
            guard operators <= Self.maxOperators else {
                let message = "expression has more than \(Self.maxOperators) binary operators"
                throw fault(message, at: current.range)
            }
            advance()
            left = try binary(operation, left)
        }
        return left
    }

    /// Reads something within which errors name a context.
    ///
    /// As in a grammar with error productions, the innermost one counts, however deep the reader is.
    mutating func within<Result>(
        _ context: Context,
        _ body: (inout Parser) throws(ParseError) -> Result
    ) throws(ParseError) -> Result {
        contexts.append(context)
        defer { contexts.removeLast() }
        return try body(&self)
    }

    /// Reads one level deeper, as far as there are levels.
    mutating func nested<Result>(
        _ body: (inout Parser) throws(ParseError) -> Result
    ) throws(ParseError) -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maxDepth else {
            throw fault("expression nests deeper than \(Self.maxDepth)", at: current.range)
        }
        return try body(&self)
    }

    /// Reads an operand with the sign before it, which binds looser than `^` only.
    private mutating func signed() throws(ParseError) -> Expression {
        guard let isNegative = current.sign else { return try operand() }
        let sign = current.range
        advance()
        let operand = try expression(binding: BinaryOperator.power.precedence)
        let range = sign.lowerBound..<operand.range.upperBound
        guard case .number(var number) = operand else {
            return .unary(Unary(isNegative: isNegative, operand: operand, range: range))
        }
        if isNegative { number.value = -number.value }
        number.range = range
        return .number(number)
    }

    /// Reads an operand with the modifiers behind it.
    private mutating func operand() throws(ParseError) -> Expression {
        var result = try primary()
        while true {
            switch current.kind {
            case .leftBracket: result = try bracketed(result)
            case .at: result = try atModifier(result)
            case .keyword(.offset): result = try offset(result)
            case .keyword(.anchored), .keyword(.smoothed): result = try extended(result)
            default: return result
            }
        }
    }

    private mutating func primary() throws(ParseError) -> Expression {
        let token = current
        switch token.kind {
        case .number, .duration: return .number(try numberLiteral())
        case .string:
            advance()
            return .string(StringLiteral(value: token.text, range: token.range))
        case .leftParenthesis:
            advance()
            let content = try expression()
            guard current.kind == .rightParenthesis else { throw unexpected() }
            let range = token.range.lowerBound..<current.range.upperBound
            advance()
            return .parentheses(Parentheses(content: content, range: range))
        case .aggregate(let operation) where startsAggregation: return try aggregate(operation)
        case _ where isFunctionName(token) && next.kind == .leftParenthesis: return try call()
        case .leftBrace: return .vectorSelector(try vectorSelector())
        case _ where isMetricName(token): return .vectorSelector(try vectorSelector())
        default: throw unexpected()
        }
    }

    /// Reads a number or a duration.
    mutating func numberLiteral() throws(ParseError) -> NumberLiteral {
        let token = current
        advance()
        if token.kind == .duration {
            let seconds = try durationSeconds(token)
            return NumberLiteral(value: seconds, isDuration: true, range: token.range)
        }
        do {
            return NumberLiteral(value: try numberValue(token.text), range: token.range)
        } catch {
            let text = "strconv.ParseFloat: parsing \(quotedText(token.text)): \(error.rawValue)"
            throw fault("error parsing number: \(text)", at: token.range)
        }
    }

    private func durationSeconds(_ token: Token) throws(ParseError) -> Double {
        do {
            return Double(try durationMilliseconds(token.text)) / 1_000
        } catch {
            switch error {
            case .syntax:
                let message = "not a valid duration string: \(quotedText(token.text))"
                throw fault(message, at: token.range)
            case .outOfRange: throw fault("duration out of range", at: token.range)
            }
        }
    }
}

/// The tokens.
extension Parser {
    /// The token to read next.
    var current: Token { tokens[index] }

    /// The token after `current`; the last repeats.
    var next: Token { tokens[min(index + 1, tokens.count - 1)] }

    /// Where the last token that was read ends.
    var previousEnd: Int { index == 0 ? 0 : tokens[index - 1].range.upperBound }

    mutating func advance() { index = min(index + 1, tokens.count - 1) }

    /// Reads a token of this kind, if it is the next.
    mutating func take(_ kind: Token.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    func fault(_ message: String, at range: SourceRange) -> ParseError {
        ParseError(message, at: range, in: text)
    }

    /// The error that the current token does not belong here.
    func unexpected(in context: String, expected: String) -> ParseError {
        unexpected(in: Context(name: context, expected: expected))
    }

    /// The error that the current token does not belong here, in the innermost context.
    func unexpected() -> ParseError { unexpected(in: contexts.last) }

    private func unexpected(in context: Context?) -> ParseError {
        guard current.kind != .error else { return fault(current.text, at: current.range) }
        var message = "unexpected \(described(current))"
        if let context { message += " in \(context.name)" }
        if let expected = context?.expected { message += ", expected \(expected)" }
        return fault(message, at: current.range)
    }

    /// A string is described as written, with its quotes.
    private func described(_ token: Token) -> String {
        guard token.kind == .string else { return token.description }
        var raw = token
        raw.text = String(decoding: Array(text.utf8)[token.range], as: UTF8.self)
        return raw.description
    }

    /// Whether an aggregate's name begins an aggregation, and is no metric's name.
    private var startsAggregation: Bool {
        switch next.kind {
        case .leftParenthesis, .keyword(.by), .keyword(.without): true
        default: false
        }
    }

    /// Whether the current token can begin an expression.
    var startsExpression: Bool {
        switch current.kind {
        case .number, .duration, .string, .leftParenthesis, .leftBrace: true
        default: current.sign != nil || isMetricName(current)
        }
    }

    private func isFunctionName(_ token: Token) -> Bool {
        switch token.kind {
        case .identifier, .keyword(.start), .keyword(.end): true
        default: false
        }
    }

    private func isMetricName(_ token: Token) -> Bool {
        switch token.kind {
        case .identifier, .metricIdentifier, .aggregate: true
        case .binary(let operation): operation.isSet
        case .keyword(let keyword): keyword.canNameMetric
        default: false
        }
    }
}

/// Where an error is, for its message.
struct Context {
    let name: String
    var expected: String?
}

extension Token {
    /// Whether the token is a minus (true) or a plus (false); nil for others.
    var sign: Bool? {
        switch kind {
        case .binary(.subtract): true
        case .binary(.add): false
        default: nil
        }
    }
}

/// Why a text is no number, in the words of Go's `strconv`.
private enum NumberFault: String, Error {
    case syntax = "invalid syntax"
    case range = "value out of range"
}

/// The value of a number's text: hexadecimal, octal with a leading zero, or decimal.
///
/// Source: Prometheus, promql/parser/parse.go: `number`, which asks Go's `ParseInt` with base 0
/// before `ParseFloat`.
private func numberValue(_ text: String) throws(NumberFault) -> Double {
    let plain = text.filter { $0 != "_" }.lowercased()
    switch plain {
    case "inf": return .infinity
    case "nan": return .nan
    default: break
    }
    if plain.hasPrefix("0x") {
        // A larger one would be read as a float, which in Go wants an exponent.
        guard let value = Int64(plain.dropFirst(2), radix: 16) else { throw .syntax }
        return Double(value)
    }
    let isOctal = plain.hasPrefix("0") && plain.allSatisfy { ("0"..."7").contains($0) }
    if isOctal, let value = Int64(plain, radix: 8) { return Double(value) }
    guard let value = Double(plain) else { throw .syntax }
    guard value.isFinite else { throw .range }
    return value
}
