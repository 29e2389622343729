// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// An operator between two expressions.
public enum BinaryOperator: String, Sendable, Hashable, CaseIterable {
    /// `or`
    case or
    /// `and`
    case and
    /// `unless`
    case unless
    /// `==`
    case equal = "=="
    /// `!=`
    case notEqual = "!="
    /// `>`
    case greater = ">"
    /// `<`
    case less = "<"
    /// `>=`
    case greaterOrEqual = ">="
    /// `<=`
    case lessOrEqual = "<="
    /// `</`, which cuts a histogram above a value.
    case trimUpper = "</"
    /// `>/`, which cuts a histogram below a value.
    case trimLower = ">/"
    /// `+`
    case add = "+"
    /// `-`
    case subtract = "-"
    /// `*`
    case multiply = "*"
    /// `/`
    case divide = "/"
    /// `%`
    case modulo = "%"
    /// `atan2`
    case atan2
    /// `^`
    case power = "^"

    /// Whether it compares: such operators filter, or give 0 and 1 with `bool`.
    public var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .greater, .less, .greaterOrEqual, .lessOrEqual: true
        default: false
        }
    }

    /// Whether it joins sets of series.
    public var isSet: Bool {
        switch self {
        case .or, .and, .unless: true
        default: false
        }
    }

    /// How tightly it binds: a higher one binds tighter.
    ///
    /// Only `^` binds to the right.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and, .unless: 2
        case .equal, .notEqual, .greater, .less, .greaterOrEqual, .lessOrEqual, .trimUpper,
            .trimLower:
            3
        case .add, .subtract: 4
        case .multiply, .divide, .modulo, .atan2: 5
        case .power: 6
        }
    }
}

/// How an aggregation makes one value of a group of series.
public enum AggregateOperator: String, Sendable, Hashable, CaseIterable {
    /// The sum.
    case sum
    /// The mean.
    case avg
    /// The least value.
    case min
    /// The greatest value.
    case max
    /// The number of series.
    case count
    /// Always 1.
    case group
    /// The standard deviation over the population.
    case stddev
    /// The variance over the population.
    case stdvar
    /// The k series with the greatest values.
    case topk
    /// The k series with the least values.
    case bottomk
    /// The quantile.
    case quantile
    /// The number of series of each value.
    case countValues = "count_values"
    /// Any k series; experimental.
    case limitk
    /// A share of the series; experimental.
    case limitRatio = "limit_ratio"

    /// The type of the parameter; nil for those without one.
    public var parameterType: ValueType? {
        switch self {
        case .topk, .bottomk, .quantile, .limitk, .limitRatio: .scalar
        case .countValues: .string
        case .sum, .avg, .min, .max, .count, .group, .stddev, .stdvar: nil
        }
    }

    /// Whether Prometheus hides it behind a feature flag.
    public var isExperimental: Bool { self == .limitk || self == .limitRatio }
}
