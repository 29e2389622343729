// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Lengths of time with arithmetic.
extension Parser {
    private var durationFunction: String? {
        let name = current.text.lowercased()
        return ["step", "range", "min_of", "max_of"].contains(name) ? name : nil
    }

    /// Reads a whole duration expression, which must be greater than zero.
    mutating func positiveDuration() throws(ParseError) -> DurationValue {
        let expression = try durationExpression()
        let value = try durationValue(expression)
        if expression.isConstant, value.duration <= .zero {
            throw fault("duration must be greater than 0", at: expression.sourceRange)
        }
        return value
    }

    /// Calculates what does not depend on the query; a plain number needs no expression.
    func durationValue(_ expression: DurationExpression) throws(ParseError) -> DurationValue {
        guard expression.isConstant else {
            return DurationValue(duration: .zero, expression: expression)
        }
        do {
            let duration = try expression.duration(step: .zero, range: .zero)
            return DurationValue(
                duration: duration,
                expression: expression.isPlain ? nil : expression
            )
        } catch {
            throw fault(error.message, at: error.range)
        }
    }

    private mutating func durationExpression(
        binding minimum: Int = 0
    ) throws(ParseError) -> DurationExpression {
        var left = try signedDuration()
        while case .binary(let operation) = current.kind, operation.isArithmetic,
            operation.precedence >= minimum
        {
            let place = current.range
            advance()
            let isPower = operation == .power
            let right = try durationExpression(
                binding: operation.precedence + (isPower ? 0 : 1)
            )
            if case .number(let number) = right, number.value == 0 {
                if operation == .divide { throw fault("division by zero", at: place) }
                if operation == .modulo { throw fault("modulo by zero", at: place) }
            }
            left = .binary(operation, left, right)
        }
        return left
    }

    private mutating func signedDuration() throws(ParseError) -> DurationExpression {
        guard let isNegative = current.sign else { return try durationPrimary() }
        return try signed(isNegative) { parser throws(ParseError) in
            try parser.nested { parser throws(ParseError) in
                try parser.durationExpression(binding: BinaryOperator.power.precedence)
            }
        }
    }

    /// Reads what may stand behind `offset`: one operand, with a sign or without.
    mutating func durationOperand() throws(ParseError) -> DurationExpression {
        guard let isNegative = current.sign else { return try durationPrimary() }
        return try signed(isNegative) { parser throws(ParseError) in
            try parser.durationPrimary()
        }
    }

    private mutating func signed(
        _ isNegative: Bool,
        _ operand: (inout Parser) throws(ParseError) -> DurationExpression
    ) throws(ParseError) -> DurationExpression {
        let start = current.range.lowerBound
        advance()
        let operand = try operand(&self)
        guard case .number(var number) = operand else {
            return .signed(isNegative: isNegative, operand, start..<previousEnd)
        }
        if isNegative { number.value = -number.value }
        number.range = start..<previousEnd
        return .number(number)
    }

    private mutating func durationPrimary() throws(ParseError) -> DurationExpression {
        let start = current.range.lowerBound
        switch current.kind {
        case .number, .duration: return .number(try numberLiteral())
        case .leftParenthesis:
            advance()
            let content = try nested { parser throws(ParseError) in
                try parser.durationExpression()
            }
            guard take(.rightParenthesis) else { throw unexpected() }
            return .parentheses(content, start..<previousEnd)
        case .identifier:
            guard let name = durationFunction else { break }
            return try durationCall(name)
        default: break
        }
        throw unexpected()
    }

    private mutating func durationCall(_ name: String) throws(ParseError) -> DurationExpression {
        let start = current.range.lowerBound
        let takesTwo = name == "min_of" || name == "max_of"
        advance()
        guard take(.leftParenthesis) else { throw unexpected() }
        guard takesTwo else {
            guard take(.rightParenthesis) else { throw unexpected() }
            let range = start..<previousEnd
            return name == "step" ? .step(range) : .range(range)
        }
        let first = try nested { parser throws(ParseError) in try parser.durationExpression() }
        guard take(.comma) else { throw unexpected() }
        let second = try nested { parser throws(ParseError) in try parser.durationExpression() }
        guard take(.rightParenthesis) else { throw unexpected() }
        return .extreme(isMaximum: name == "max_of", first, second, start..<previousEnd)
    }
}

extension BinaryOperator {
    /// Whether it calculates: `+ - * / % ^`.
    fileprivate var isArithmetic: Bool {
        switch self {
        case .add, .subtract, .multiply, .divide, .modulo, .power: true
        default: false
        }
    }
}
