// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A function's call.
public struct Call: Sendable, Hashable {
    /// The function.
    public var function: Function
    /// The arguments, which fit the function's signature.
    public var arguments: [Expression]
    /// The place in the text.
    public var range: SourceRange
}

/// An aggregation over the series of an instant vector.
public struct Aggregate: Sendable, Hashable {
    /// How the series of a group become one.
    public var operation: AggregateOperator
    /// What is aggregated; always an instant vector.
    public var expression: Expression
    /// The parameter of those operators that have one: a scalar, or a string for `count_values`.
    public var parameter: Expression?
    /// The labels that `by` keeps or `without` drops, in the order of the text.
    public var grouping: [String] = []
    /// Whether `without` was given.
    public var isWithout = false
    /// The place in the text.
    public var range: SourceRange
}

/// Two expressions joined by an operator.
public struct Binary: Sendable, Hashable {
    /// The operator.
    public var operation: BinaryOperator
    /// The left side.
    public var left: Expression
    /// The right side.
    public var right: Expression
    /// Whether a comparison gives 0 or 1 in place of filtering.
    public var returnsBool = false
    /// How series of both sides find each other; nil unless both are instant vectors.
    public var matching: VectorMatching?

    /// The place in the text.
    public var range: SourceRange { left.range.lowerBound..<right.range.upperBound }
}

/// How series of two instant vectors find each other.
public struct VectorMatching: Sendable, Hashable {
    /// How many series of a side may match one of the other.
    public enum Cardinality: String, Sendable, Hashable {
        /// One to one.
        case oneToOne = "one-to-one"
        /// Many on the left to one on the right: `group_left`.
        case manyToOne = "many-to-one"
        /// One on the left to many on the right: `group_right`.
        case oneToMany = "one-to-many"
        /// The set operators' way.
        case manyToMany = "many-to-many"
    }

    /// How many series of a side may match one of the other.
    public var cardinality = Cardinality.oneToOne
    /// The labels of `on` or `ignoring`, in the order of the text.
    public var labels: [String] = []
    /// Whether `labels` are the only ones compared (`on`), not the only ones left out.
    public var isOn = false
    /// The labels that the "one" side adds to the result.
    public var included: [String] = []
    /// The value for a series that lacks on the left.
    public var fillLeft: Double?
    /// The value for a series that lacks on the right.
    public var fillRight: Double?
}

/// A sign before an expression.
public struct Unary: Sendable, Hashable {
    /// Whether the sign is a minus.
    public var isNegative: Bool
    /// What the sign stands before; a scalar or an instant vector.
    public var operand: Expression
    /// The place in the text, sign included.
    public var range: SourceRange
}

/// An expression in parentheses, kept so that it is printed as it was written.
public struct Parentheses: Sendable, Hashable {
    /// What is inside.
    public var content: Expression
    /// The place in the text, parentheses included.
    public var range: SourceRange
}
