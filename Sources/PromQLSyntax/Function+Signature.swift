// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// What a function takes and gives.
public struct FunctionSignature: Sendable, Hashable {
    /// The types of the arguments; of a variadic function, the last may be absent or repeated.
    public let arguments: [ValueType]
    /// How often the last argument may come: 0 for exactly once, n for at most n times, -1 for any.
    public let variadic: Int
    /// The type of the value.
    public let result: ValueType

    init(_ arguments: [ValueType], variadic: Int = 0, result: ValueType = .instantVector) {
        self.arguments = arguments
        self.variadic = variadic
        self.result = result
    }
}

extension Function {
    /// What the function takes and gives.
    public var signature: FunctionSignature {
        switch self {
        case .abs, .absent, .acos, .acosh, .asin, .asinh, .atan, .atanh, .ceil, .cos, .cosh,
            .deg, .exp, .floor, .histogramAvg, .histogramCount, .histogramStddev,
            .histogramStdvar, .histogramSum, .ln, .log10, .log2, .rad, .sgn, .sin, .sinh, .sort,
            .sortDesc, .sqrt, .startTimestamp, .tan, .tanh, .timestamp:
            FunctionSignature([.instantVector])
        case .absentOverTime, .avgOverTime, .changes, .countOverTime, .delta, .deriv,
            .firstOverTime, .idelta, .increase, .irate, .lastOverTime, .madOverTime,
            .maxOverTime, .minOverTime, .presentOverTime, .rate, .resets, .stddevOverTime,
            .stdvarOverTime, .sumOverTime, .tsOfFirstOverTime, .tsOfLastOverTime,
            .tsOfMaxOverTime, .tsOfMinOverTime:
            FunctionSignature([.rangeVector])
        case .dayOfMonth, .dayOfWeek, .dayOfYear, .daysInMonth, .hour, .minute, .month, .year:
            FunctionSignature([.instantVector], variadic: 1)
        case .end, .pi, .range, .start, .step, .time:
            FunctionSignature([], result: .scalar)
        case .clampMax, .clampMin:
            FunctionSignature([.instantVector, .scalar])
        case .sortByLabel, .sortByLabelDesc:
            FunctionSignature([.instantVector, .string], variadic: -1)
        case .maxOf, .minOf:
            FunctionSignature([.scalar, .scalar], result: .scalar)
        case .scalar:
            FunctionSignature([.instantVector], result: .scalar)
        case .info:
            FunctionSignature([.instantVector, .instantVector], variadic: 1)
        case .round:
            FunctionSignature([.instantVector, .scalar], variadic: 1)
        case .clamp:
            FunctionSignature([.instantVector, .scalar, .scalar])
        case .histogramQuantiles:
            FunctionSignature([.instantVector, .string, .scalar, .scalar], variadic: 9)
        case .labelJoin:
            FunctionSignature([.instantVector, .string, .string, .string], variadic: -1)
        case .labelReplace:
            FunctionSignature([.instantVector, .string, .string, .string, .string])
        case .predictLinear:
            FunctionSignature([.rangeVector, .scalar])
        case .doubleExponentialSmoothing:
            FunctionSignature([.rangeVector, .scalar, .scalar])
        case .vector:
            FunctionSignature([.scalar])
        case .histogramQuantile:
            FunctionSignature([.scalar, .instantVector])
        case .quantileOverTime:
            FunctionSignature([.scalar, .rangeVector])
        case .histogramFraction:
            FunctionSignature([.scalar, .scalar, .instantVector])
        }
    }

    /// Whether Prometheus hides it behind the feature flag `promql-experimental-functions`.
    public var isExperimental: Bool {
        switch self {
        case .doubleExponentialSmoothing, .end, .histogramQuantiles, .info, .madOverTime, .maxOf,
            .minOf, .range, .sortByLabel, .sortByLabelDesc, .start, .startTimestamp, .step,
            .tsOfFirstOverTime, .tsOfLastOverTime, .tsOfMaxOverTime, .tsOfMinOverTime:
            true
        default: false
        }
    }

    /// Whether a range vector with the `anchored` modifier is understood.
    public var allowsAnchored: Bool {
        [.changes, .delta, .increase, .rate, .resets].contains(self)
    }

    /// Whether a range vector with the `smoothed` modifier is understood.
    public var allowsSmoothed: Bool { [.delta, .increase, .rate].contains(self) }
}
