// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Calls, aggregations and binary operations.
extension Parser {
    /// Reads the modifiers of a binary operator and its right side.
    mutating func binary(
        _ operation: BinaryOperator,
        _ left: Expression
    ) throws(ParseError) -> Expression {
        let returnsBool = take(.keyword(.bool))
        var matching: VectorMatching? = try matchingModifiers()
        let tighter = operation == .power ? 0 : 1
        let right = try nested { parser throws(ParseError) in
            try parser.expression(binding: operation.precedence + tighter)
        }
        let areVectors = left.type == .instantVector && right.type == .instantVector
        // Labels between scalars are kept, so that the check can refuse them.
        if !areVectors, matching?.labels.isEmpty == true { matching = nil }
        if operation.isSet, matching?.cardinality == .oneToOne {
            matching?.cardinality = .manyToMany
        }
        return .binary(
            Binary(
                operation: operation,
                left: left,
                right: right,
                returnsBool: returnsBool,
                matching: matching
            )
        )
    }

    private mutating func matchingModifiers() throws(ParseError) -> VectorMatching {
        var matching = VectorMatching()
        if current.kind == .keyword(.on) || current.kind == .keyword(.ignoring) {
            matching.isOn = current.kind == .keyword(.on)
            advance()
            matching.labels = try groupingLabels()
            if current.kind == .keyword(.groupLeft) || current.kind == .keyword(.groupRight) {
                let isLeft = current.kind == .keyword(.groupLeft)
                matching.cardinality = isLeft ? .manyToOne : .oneToMany
                advance()
                // Labels may be left out; what is neither they nor an operand is taken for bad labels.
                if current.kind == .leftParenthesis || !(startsExpression || startsFill) {
                    matching.included = try groupingLabels()
                }
            }
        }
        try fillModifiers(&matching)
        return matching
    }

    /// Reads `fill`, or `fill_left` and `fill_right` in any order; each at most once.
    private mutating func fillModifiers(_ matching: inout VectorMatching) throws(ParseError) {
        while case .keyword(let keyword) = current.kind, next.kind == .leftParenthesis {
            let word = current
            let (fillsLeft, fillsRight): (Bool, Bool)
            switch keyword {
            case .fill: (fillsLeft, fillsRight) = (true, true)
            case .fillLeft: (fillsLeft, fillsRight) = (true, false)
            case .fillRight: (fillsLeft, fillsRight) = (false, true)
            default: return
            }
            let isRepeated =
                fillsLeft && matching.fillLeft != nil || fillsRight && matching.fillRight != nil
            guard !isRepeated else { throw unexpected() }
            advance()
            guard options.allowsExperimental else {
                let message = "binop fill modifiers are experimental and not enabled"
                throw fault(message, at: word.range)
            }
            let value = try fillValue()
            if fillsLeft { matching.fillLeft = value }
            if fillsRight { matching.fillRight = value }
        }
    }

    private var startsFill: Bool {
        switch current.kind {
        case .keyword(.fill), .keyword(.fillLeft), .keyword(.fillRight): true
        default: false
        }
    }

    private mutating func fillValue() throws(ParseError) -> Double {
        advance()
        let isNegative = current.sign
        if isNegative != nil { advance() }
        guard current.kind == .number || current.kind == .duration else { throw unexpected() }
        let value = try numberLiteral().value
        guard take(.rightParenthesis) else { throw unexpected() }
        return isNegative == true ? -value : value
    }

    /// Reads label names in parentheses; a comma may stand behind the last.
    mutating func groupingLabels() throws(ParseError) -> [String] {
        guard take(.leftParenthesis) else {
            throw unexpected(in: "grouping opts", expected: "\"(\"")
        }
        var labels: [String] = []
        while !take(.rightParenthesis) {
            guard isLabelName(current) else {
                throw unexpected(in: "grouping opts", expected: "label")
            }
            guard isName(current.text) else {
                throw fault("invalid label name: \(quotedText(current.text))", at: current.range)
            }
            labels.append(current.text)
            advance()
            guard !take(.comma) else { continue }
            guard current.kind == .rightParenthesis else {
                throw unexpected(in: "grouping opts", expected: "\",\" or \")\"")
            }
        }
        return labels
    }

    private func isLabelName(_ token: Token) -> Bool {
        switch token.kind {
        case .identifier, .keyword, .aggregate, .string: true
        case .binary: isPlainLabelName(token.text)
        default: false
        }
    }

    /// Reads an aggregation; the grouping may stand on either side of the parentheses.
    mutating func aggregate(_ operation: AggregateOperator) throws(ParseError) -> Expression {
        let start = current.range.lowerBound
        advance()
        var grouping = try groupingModifier()
        let arguments = try within(Context(name: "aggregation")) { parser throws(ParseError) in
            guard parser.current.kind == .leftParenthesis else { throw parser.unexpected() }
            return try parser.callArguments()
        }
        if grouping == nil {
            // What the reader sees in search of a grouping is told first.
            if current.kind == .error { throw unexpected() }
            grouping = try groupingModifier()
        }
        let range = start..<previousEnd
        if operation.isExperimental, !options.allowsExperimental {
            throw fault("\(operation.rawValue)() is experimental and not enabled", at: range)
        }
        guard let expression = arguments.last else {
            throw fault("no arguments for aggregate expression provided", at: range)
        }
        let wanted = operation.parameterType == nil ? 1 : 2
        guard arguments.count == wanted else {
            let message =
                "wrong number of arguments for aggregate expression provided, "
                + "expected \(wanted), got \(arguments.count)"
            throw fault(message, at: range)
        }
        return .aggregate(
            Aggregate(
                operation: operation,
                expression: expression,
                parameter: wanted == 2 ? arguments.first : nil,
                grouping: grouping?.labels ?? [],
                isWithout: grouping?.isWithout ?? false,
                range: range
            )
        )
    }

    private mutating func groupingModifier() throws(ParseError) -> (
        labels: [String], isWithout: Bool
    )? {
        let isWithout = current.kind == .keyword(.without)
        guard isWithout || current.kind == .keyword(.by) else { return nil }
        advance()
        return (try groupingLabels(), isWithout)
    }

    /// Reads a function's call.
    mutating func call() throws(ParseError) -> Expression {
        let name = current
        advance()
        let arguments = try callArguments()
        guard let function = Function(rawValue: name.text) else {
            throw fault("unknown function with name \(quotedText(name.text))", at: name.range)
        }
        if function.isExperimental, !options.allowsExperimental {
            throw fault("function \(quotedText(name.text)) is not enabled", at: name.range)
        }
        let range = name.range.lowerBound..<previousEnd
        return .call(Call(function: function, arguments: arguments, range: range))
    }

    /// Reads expressions in parentheses.
    mutating func callArguments() throws(ParseError) -> [Expression] {
        advance()
        var arguments: [Expression] = []
        guard !take(.rightParenthesis) else { return arguments }
        while true {
            arguments.append(try expression())
            let comma = current.range
            if take(.rightParenthesis) { return arguments }
            guard take(.comma) else { throw unexpected() }
            if !startsExpression, current.kind != .error {
                throw fault("trailing commas not allowed in function call args", at: comma)
            }
        }
    }
}
