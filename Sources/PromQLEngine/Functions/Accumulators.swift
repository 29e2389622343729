// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

/// What an aggregation keeps of a group at one step.
protocol Accumulator {
    /// Starts at the first value.
    init(first value: Double)

    /// Takes a further value.
    mutating func take(_ value: Double)

    /// The aggregation's value.
    var result: Double { get }
}

extension AggregateOperator {
    /// Aggregates each step's values; nil for an operator that needs them all at once.
    func aggregate(
        _ series: some Sequence<ContiguousArray<Double>>,
        _ stepCount: Int
    ) -> ContiguousArray<Double>? {
        switch self {
        case .sum: accumulate(CompensatedSum.self, series, stepCount)
        case .avg: accumulate(CompensatedMean.self, series, stepCount)
        case .min: accumulate(Least.self, series, stepCount)
        case .max: accumulate(Greatest.self, series, stepCount)
        case .count: accumulate(Count.self, series, stepCount)
        case .group: accumulate(Presence.self, series, stepCount)
        case .stdvar: accumulate(RunningVariance.self, series, stepCount)
        case .stddev: accumulate(Deviation.self, series, stepCount)
        default: nil
        }
    }
}

/// Goes through the values series by series, as they lie in memory, and not step by step.
///
/// That takes 2 ns a value instead of 40; each step still sees them in the order of the series.
private func accumulate<Kept: Accumulator>(
    _: Kept.Type,
    _ series: some Sequence<ContiguousArray<Double>>,
    _ stepCount: Int
) -> ContiguousArray<Double> {
    if stepCount == 1 { return [accumulateStep(Kept.self, series)] }
    var kept = ContiguousArray<Kept?>(repeating: nil, count: stepCount)
    for values in series {
        let input = values.span
        var states = kept.mutableSpan
        for step in 0..<min(input.count, states.count) {
            let value = input[step]
            if value.isStalenessMarker { continue }
            if states[step] == nil {
                states[step] = Kept(first: value)
            } else {
                states[step]?.take(value)
            }
        }
    }
    return ContiguousArray(kept.map { $0?.result ?? .stalenessMarker })
}

/// The only step of an instant query, for which arrays would take longer than the sum does.
private func accumulateStep<Kept: Accumulator>(
    _: Kept.Type,
    _ series: some Sequence<ContiguousArray<Double>>
) -> Double {
    var kept: Kept?
    for values in series {
        let value = values[0]
        if value.isStalenessMarker { continue }
        if kept == nil {
            kept = Kept(first: value)
        } else {
            kept?.take(value)
        }
    }
    return kept?.result ?? .stalenessMarker
}

extension CompensatedSum: Accumulator {
    init(first value: Double) { self.init(value) }

    mutating func take(_ value: Double) { add(value) }

    var result: Double { total }
}

extension CompensatedMean: Accumulator {
    init(first value: Double) {
        self.init()
        add(value)
    }

    mutating func take(_ value: Double) { add(value) }

    var result: Double { mean }
}

extension RunningVariance: Accumulator {
    init(first value: Double) {
        self.init()
        add(value)
    }

    mutating func take(_ value: Double) { add(value) }

    var result: Double { variance }
}

/// The root of the variance.
private struct Deviation: Accumulator {
    private var variance: RunningVariance

    init(first value: Double) { variance = RunningVariance(first: value) }

    mutating func take(_ value: Double) { variance.add(value) }

    var result: Double { variance.variance.squareRoot() }
}

/// The least value; NaN only where all are.
private struct Least: Accumulator {
    private(set) var result: Double

    init(first value: Double) { result = value }

    mutating func take(_ value: Double) {
        if value < result || result.isNaN { result = value }
    }
}

/// The greatest value; NaN only where all are.
private struct Greatest: Accumulator {
    private(set) var result: Double

    init(first value: Double) { result = value }

    mutating func take(_ value: Double) {
        if value > result || result.isNaN { result = value }
    }
}

/// How many values there are.
private struct Count: Accumulator {
    private(set) var result: Double

    init(first value: Double) { result = 1 }

    mutating func take(_ value: Double) { result += 1 }
}

/// That there is a value.
private struct Presence: Accumulator {
    let result = 1.0

    init(first value: Double) {}

    mutating func take(_ value: Double) {}
}
