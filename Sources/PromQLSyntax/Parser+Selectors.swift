// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Selectors with their labels and modifiers.
extension Parser {
    /// Reads a name, matchers in braces, or both.
    mutating func vectorSelector() throws(ParseError) -> VectorSelector {
        let start = current.range.lowerBound
        var outerName: String?
        if current.kind != .leftBrace {
            outerName = current.text
            advance()
        }
        var innerNames: [String] = []
        var matchers: [Matcher] = []
        if take(.leftBrace) { matchers = try labelMatchers(names: &innerNames) }
        let range = start..<previousEnd
        let names = (outerName.map { [$0] } ?? []) + innerNames
        let given = outerName == nil ? [] : matchers.filter { $0.name == .metricName }
        if let first = names.first, let second = names.dropFirst().first ?? given.first?.value {
            let both = "\(quotedText(first)) or \(quotedText(second))"
            let mistake = fault("metric name must not be set twice: \(both)", at: range)
            doubleName = doubleName ?? mistake
        }
        if let name = names.first { matchers.append(Matcher("__name__", equals: name)) }
        return VectorSelector(name: names.first, matchers: matchers, range: range)
    }

    /// Reads up to the closing brace.
    private mutating func labelMatchers(
        names: inout [String]
    ) throws(ParseError) -> [Matcher] {
        var matchers: [Matcher] = []
        while true {
            if take(.rightBrace) { return matchers }
            let label = current
            let isBare = label.kind == .string && next.matcherKind == nil
            switch label.kind {
            case .string where isBare:
                advance()
                names.append(label.text)
            case .identifier, .string: matchers.append(try labelMatcher())
            default: throw unexpected(in: "label matching", expected: "identifier or \"}\"")
            }
            guard !take(.comma) else { continue }
            guard current.kind == .rightBrace else {
                throw unexpected(in: "label matching", expected: "\",\" or \"}\"")
            }
        }
    }

    private mutating func labelMatcher() throws(ParseError) -> Matcher {
        let label = current
        advance()
        guard let kind = current.matcherKind else {
            throw unexpected(in: "label matching", expected: "label matching operator")
        }
        advance()
        let value = current
        guard value.kind == .string else {
            throw unexpected(in: "label matching", expected: "string")
        }
        advance()
        do {
            return try Matcher(label.text, kind, value.text)
        } catch {
            let range = label.range.lowerBound..<value.range.upperBound
            throw fault("error parsing regexp: \(error.message)", at: range)
        }
    }

    /// Reads a range or a subquery's range and step.
    mutating func bracketed(_ operand: Expression) throws(ParseError) -> Expression {
        let open = current.range.lowerBound
        advance()
        let context = Context(
            name: "subquery or range selector",
            expected: "number, duration, step(), or range()"
        )
        let window = try within(context) { parser throws(ParseError) in
            try parser.positiveDuration()
        }
        if take(.colon) { return try subquery(operand, window: window) }
        guard take(.rightBracket) else {
            throw unexpected(in: "subquery or range", expected: "\":\" or \"]\"")
        }
        let brackets = open..<previousEnd
        guard case .vectorSelector(let selector) = operand else {
            throw fault("ranges only allowed for vector selectors", at: brackets)
        }
        if selector.offset != .zero {
            throw fault("no offset modifiers allowed before range", at: brackets)
        }
        if selector.at != nil { throw fault("no @ modifiers allowed before range", at: brackets) }
        if selector.isAnchored || selector.isSmoothed {
            let name = selector.isAnchored ? "anchored" : "smoothed"
            throw fault("no \(name) modifiers allowed before range", at: brackets)
        }
        let range = selector.range.lowerBound..<previousEnd
        return .matrixSelector(MatrixSelector(selector: selector, window: window, range: range))
    }

    private mutating func subquery(
        _ operand: Expression,
        window: DurationValue
    ) throws(ParseError) -> Expression {
        var step: DurationValue?
        if current.kind != .rightBracket {
            let context = Context(
                name: "subquery selector",
                expected: "number, duration, step(), range(), or \"]\""
            )
            step = try within(context) { parser throws(ParseError) in
                try parser.positiveDuration()
            }
        }
        guard take(.rightBracket) else {
            throw unexpected(in: "subquery selector", expected: "\"]\"")
        }
        let range = operand.range.lowerBound..<previousEnd
        return .subquery(
            Subquery(expression: operand, window: window, step: step, range: range)
        )
    }

    /// Reads `offset` and its duration.
    mutating func offset(_ operand: Expression) throws(ParseError) -> Expression {
        advance()
        let context = Context(name: "offset", expected: "number, duration, step(), or range()")
        let length = try within(context) { parser throws(ParseError) in
            try parser.durationOperand()
        }
        let offset = try durationValue(length)
        let end = previousEnd
        func applied(to old: inout DurationValue) throws(ParseError) {
            guard old == .zero else {
                throw fault("offset may not be set multiple times", at: operand.range)
            }
            old = offset
        }
        return try modified(operand, "offset modifier", end: end) {
            selector throws(ParseError) in
            try applied(to: &selector.offset)
        } subquery: { subquery throws(ParseError) in
            try applied(to: &subquery.offset)
        }
    }

    /// Reads `@` and its moment.
    mutating func atModifier(_ operand: Expression) throws(ParseError) -> Expression {
        advance()
        let moment = try moment(for: operand)
        let end = previousEnd
        func applied(to old: inout AtModifier?) throws(ParseError) {
            guard old == nil else {
                throw fault("@ <timestamp> may not be set multiple times", at: operand.range)
            }
            old = moment
        }
        return try modified(operand, "@ modifier", end: end) { selector throws(ParseError) in
            try applied(to: &selector.at)
        } subquery: { subquery throws(ParseError) in
            try applied(to: &subquery.at)
        }
    }

    private mutating func moment(for operand: Expression) throws(ParseError) -> AtModifier {
        let token = current
        if token.kind == .keyword(.start) || token.kind == .keyword(.end) {
            advance()
            guard take(.leftParenthesis), take(.rightParenthesis) else {
                throw unexpected(in: "@", expected: "timestamp")
            }
            return token.kind == .keyword(.start) ? .start : .end
        }
        let isNegative = token.sign
        if isNegative != nil { advance() }
        guard current.kind == .number || current.kind == .duration else {
            throw unexpected(in: "@", expected: "timestamp")
        }
        let number = try numberLiteral().value
        let seconds = isNegative == true ? -number : number
        guard abs(seconds) < 0x1p63 else {
            let shown = seconds.isFinite ? decimalText(seconds) + ".000000" : decimalText(seconds)
            throw fault("timestamp out of bounds for @ modifier: \(shown)", at: operand.range)
        }
        return .timestamp(Timestamp(seconds: seconds))
    }

    /// Reads `anchored` or `smoothed`.
    mutating func extended(_ operand: Expression) throws(ParseError) -> Expression {
        let word = current
        let isAnchored = word.kind == .keyword(.anchored)
        let name = isAnchored ? "anchored" : "smoothed"
        advance()
        guard options.allowsExperimental else {
            throw fault("\(name) modifier is experimental and not enabled", at: word.range)
        }
        return try modified(operand, "\(name) modifier", end: previousEnd) {
            selector throws(ParseError) in
            if isAnchored { selector.isAnchored = true } else { selector.isSmoothed = true }
            guard !selector.isAnchored || !selector.isSmoothed else {
                let message = "anchored and smoothed modifiers cannot be used together"
                throw fault(message, at: operand.range)
            }
        } subquery: { _ throws(ParseError) in
            throw fault("\(name) modifier is not supported for subqueries", at: operand.range)
        }
    }

    /// Changes the selector or the subquery that a modifier stands behind.
    private func modified(
        _ operand: Expression,
        _ modifier: String,
        end: Int,
        selector change: (inout VectorSelector) throws(ParseError) -> Void,
        subquery changeSubquery: (inout Subquery) throws(ParseError) -> Void
    ) throws(ParseError) -> Expression {
        let range = operand.range.lowerBound..<end
        switch operand {
        case .vectorSelector(var selector):
            try change(&selector)
            selector.range = range
            return .vectorSelector(selector)
        case .matrixSelector(var matrix):
            try change(&matrix.selector)
            matrix.range = range
            return .matrixSelector(matrix)
        case .subquery(var subquery):
            try changeSubquery(&subquery)
            subquery.range = range
            return .subquery(subquery)
        default:
            let message =
                "\(modifier) must be preceded by an instant vector selector or range vector "
                + "selector or a subquery"
            throw fault(message, at: operand.range)
        }
    }
}

extension Token {
    /// The comparison that the token means inside braces.
    fileprivate var matcherKind: Matcher.Kind? {
        switch kind {
        case .equal: .equal
        case .binary(.notEqual): .notEqual
        case .matches: .matches
        case .matchesNot: .matchesNot
        default: nil
        }
    }
}
