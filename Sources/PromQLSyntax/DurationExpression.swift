// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A length of time in a range, an offset or a subquery's step.
public struct DurationValue: Sendable, Hashable {
    /// The length; zero as long as `expression` needs the query's step or range to be known.
    public var duration: Duration
    /// How it was calculated; nil where the text had a plain duration or number.
    public var expression: DurationExpression?

    /// No time.
    public static let zero = DurationValue(duration: .zero)
}

/// Arithmetic on lengths of time, which counts in seconds.
///
/// Source: Prometheus, promql/durations.go.
public indirect enum DurationExpression: Sendable, Hashable {
    /// A plain number or duration.
    case number(NumberLiteral)
    /// `step()`: the step of the range query, zero in an instant query.
    case step(SourceRange)
    /// `range()`: the length of the range query, zero in an instant query.
    case range(SourceRange)
    /// A sign before an operand.
    case signed(isNegative: Bool, DurationExpression, SourceRange)
    /// `+`, `-`, `*`, `/`, `%` or `^` between two operands.
    case binary(BinaryOperator, DurationExpression, DurationExpression)
    /// `min_of(a, b)` or `max_of(a, b)`.
    case extreme(isMaximum: Bool, DurationExpression, DurationExpression, SourceRange)
    /// An operand in parentheses.
    case parentheses(DurationExpression, SourceRange)

    /// The place in the text.
    public var sourceRange: SourceRange {
        switch self {
        case .number(let number): number.range
        case .step(let range), .range(let range): range
        case .signed(_, _, let range): range
        case .binary(_, let left, let right):
            left.sourceRange.lowerBound..<right.sourceRange.upperBound
        case .extreme(_, _, _, let range): range
        case .parentheses(_, let range): range
        }
    }

    /// Whether the value does not depend on the query.
    public var isConstant: Bool {
        switch self {
        case .number: true
        case .step, .range: false
        case .signed(_, let operand, _), .parentheses(let operand, _): operand.isConstant
        case .binary(_, let left, let right), .extreme(_, let left, let right, _):
            left.isConstant && right.isConstant
        }
    }
}
