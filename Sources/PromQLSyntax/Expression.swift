// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A PromQL expression: a typed tree whose nodes know their place in the text.
///
/// Source: Prometheus, promql/parser/ast.go, version 3.
public indirect enum Expression: Sendable, Hashable {
    /// A number or a duration, such as `1.5` or `5m`.
    case number(NumberLiteral)
    /// A text in quotes.
    case string(StringLiteral)
    /// An instant vector selector, such as `up{job="a"}`.
    case vectorSelector(VectorSelector)
    /// A range vector selector, such as `up[5m]`.
    case matrixSelector(MatrixSelector)
    /// A subquery, such as `rate(x[1m])[1h:5m]`.
    case subquery(Subquery)
    /// A function's call.
    case call(Call)
    /// An aggregation, such as `sum by (job) (up)`.
    case aggregate(Aggregate)
    /// A binary operation.
    case binary(Binary)
    /// A sign before an expression that is no number.
    case unary(Unary)
    /// An expression in parentheses.
    case parentheses(Parentheses)
}

extension Expression {
    /// The type of the value, which is known without evaluating.
    public var type: ValueType {
        switch self {
        case .number: .scalar
        case .string: .string
        case .vectorSelector, .aggregate: .instantVector
        case .matrixSelector, .subquery: .rangeVector
        case .call(let call): call.function.signature.result
        case .binary(let binary):
            binary.left.type == .scalar && binary.right.type == .scalar
                ? .scalar : .instantVector
        case .unary(let unary): unary.operand.type
        case .parentheses(let parentheses): parentheses.content.type
        }
    }

    /// The place in the text that the expression was parsed from.
    public var range: SourceRange {
        switch self {
        case .number(let node): node.range
        case .string(let node): node.range
        case .vectorSelector(let node): node.range
        case .matrixSelector(let node): node.range
        case .subquery(let node): node.range
        case .call(let node): node.range
        case .aggregate(let node): node.range
        case .binary(let node): node.range
        case .unary(let node): node.range
        case .parentheses(let node): node.range
        }
    }

    /// The expressions directly below, in the order of the text.
    ///
    /// A range vector selector counts its vector selector as a child.
    public var children: [Expression] {
        switch self {
        case .number, .string, .vectorSelector: []
        case .matrixSelector(let node): [.vectorSelector(node.selector)]
        case .subquery(let node): [node.expression]
        case .call(let node): node.arguments
        case .aggregate(let node): (node.parameter.map { [$0] } ?? []) + [node.expression]
        case .binary(let node): [node.left, node.right]
        case .unary(let node): [node.operand]
        case .parentheses(let node): [node.content]
        }
    }

    /// The expression without the parentheses around it.
    public var unparenthesized: Expression {
        var inner = self
        while case .parentheses(let node) = inner { inner = node.content }
        return inner
    }

    /// Calls `body` with the expression and with everything below it, parents first.
    public func forEach(_ body: (Expression) -> Void) {
        body(self)
        for child in children { child.forEach(body) }
    }

    /// The vector selectors anywhere in the expression, in the order of the text.
    public var selectors: [VectorSelector] {
        var found: [VectorSelector] = []
        forEach { if case .vectorSelector(let selector) = $0 { found.append(selector) } }
        return found
    }
}
