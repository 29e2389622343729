// SPDX-License-Identifier: Apache-2.0
// Nightjar

extension Expression {
    /// A copy in which every length of time is known, for a query of this step and range.
    ///
    /// Only expressions that use `step()` or `range()` inside brackets or after `offset` change.
    ///
    /// - Parameters:
    ///   - step: the query's step; zero for an instant query.
    ///   - range: the query's end less its start; zero for an instant query.
    /// - Returns: the tree with all durations set.
    /// - Throws: `DurationError` where a range or a step comes out as zero or less.
    public func resolvingDurations(
        step: Duration,
        range: Duration
    ) throws(DurationError) -> Expression {
        let query = DurationResolver(step: step, range: range)
        return try query.resolved(self)
    }
}

/// Sets the durations that depend on the query.
private struct DurationResolver {
    let step: Duration
    let range: Duration

    func resolved(_ expression: Expression) throws(DurationError) -> Expression {
        switch expression {
        case .number, .string: return expression
        case .vectorSelector(let node): return .vectorSelector(try resolved(node))
        case .matrixSelector(var node):
            node.selector = try resolved(node.selector)
            node.window = try positive(node.window)
            return .matrixSelector(node)
        case .subquery(var node):
            node.expression = try resolved(node.expression)
            node.window = try positive(node.window)
            if let step = node.step { node.step = try positive(step) }
            node.offset = try resolved(node.offset)
            return .subquery(node)
        case .call(var node):
            for index in node.arguments.indices {
                node.arguments[index] = try resolved(node.arguments[index])
            }
            return .call(node)
        case .aggregate(var node):
            node.expression = try resolved(node.expression)
            if let parameter = node.parameter { node.parameter = try resolved(parameter) }
            return .aggregate(node)
        case .binary(var node):
            node.left = try resolved(node.left)
            node.right = try resolved(node.right)
            return .binary(node)
        case .unary(var node):
            node.operand = try resolved(node.operand)
            return .unary(node)
        case .parentheses(var node):
            node.content = try resolved(node.content)
            return .parentheses(node)
        }
    }

    private func resolved(_ selector: VectorSelector) throws(DurationError) -> VectorSelector {
        var copy = selector
        copy.offset = try resolved(selector.offset)
        return copy
    }

    private func resolved(_ value: DurationValue) throws(DurationError) -> DurationValue {
        guard let expression = value.expression else { return value }
        var copy = value
        copy.duration = try expression.duration(step: step, range: range)
        return copy
    }

    private func positive(_ value: DurationValue) throws(DurationError) -> DurationValue {
        let result = try resolved(value)
        if let expression = result.expression, result.duration <= .zero {
            let place = expression.sourceRange
            throw DurationError(message: "duration must be greater than 0", range: place)
        }
        return result
    }
}
