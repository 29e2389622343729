// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

/// What a query may hold and how long it may take, counted as Prometheus does.
///
/// A node holds its operands' samples while it makes its own result; a range function holds one
/// window at a time. Source: Prometheus, promql/engine.go: `currentSamples`, `samplesStats`.
extension Evaluation {
    /// Samples that are read at most, whatever the limit: these are whole series and not windows.
    private static let maxRead = 50_000_000

    /// Holds more samples, and looks at the clock.
    func hold(_ count: Int) throws(QueryError) {
        held += count
        statistics.peakSamples = max(statistics.peakSamples, held)
        if held > options.maxSamples { throw .tooManySamples }
        try checkTime()
    }

    /// Lets go of what was held since.
    func release(to before: Int) { held = min(held, before) }

    /// Looks at a window's samples, which are held for that moment.
    func see(_ samples: Int, at step: Int) throws(QueryError) {
        statistics.peakSamples = max(statistics.peakSamples, held + samples)
        if held + samples > options.maxSamples { throw .tooManySamples }
        count(samples, at: step)
        if step & 1023 == 1023 { try checkTime() }
    }

    /// Counts the samples that a selector found, `total` of them.
    func count(_ values: ContiguousArray<Double>, _ total: Int) {
        guard isInSubquery == 0 else { return }
        guard statistics.samplesPerStep != nil else {
            statistics.totalQueryableSamples += total
            return
        }
        for step in values.indices where !values[step].isStalenessMarker { count(1, at: step) }
    }

    /// Looks at all windows of a series, one after the other.
    func see(_ windows: borrowing SlidingWindows) throws(QueryError) {
        var (total, most) = (0, 0)
        for step in 0..<windows.stepCount {
            let count = windows.count(step)
            total += count
            most = max(most, count)
        }
        statistics.peakSamples = max(statistics.peakSamples, held + most)
        if held + most > options.maxSamples { throw .tooManySamples }
        guard isInSubquery == 0 else { return }
        guard statistics.samplesPerStep != nil else {
            statistics.totalQueryableSamples += total
            return
        }
        for step in 0..<windows.stepCount { count(windows.count(step), at: step) }
    }

    /// Counts samples that were looked at; inside a subquery its reader counts.
    func count(_ samples: Int, at step: Int) {
        guard isInSubquery == 0 else { return }
        statistics.totalQueryableSamples += samples
        if statistics.samplesPerStep != nil, step < steps.count {
            statistics.samplesPerStep?[step].count += samples
        }
    }

    /// Stops where the query took too long or nobody waits for it.
    func checkTime() throws(QueryError) {
        if Task.isCancelled { throw .cancelled(in: "expression evaluation") }
        if ContinuousClock.now > deadline { throw .timedOut(in: "expression evaluation") }
    }

    /// Refuses to read more than memory should hold.
    func limitRead(_ count: Int) throws(QueryError) {
        if count > max(options.maxSamples, Self.maxRead) { throw .tooManySamples }
        try checkTime()
    }

    /// Replaces what a node's operands hold by its result.
    ///
    /// Functions and binary operators hold both while they work, and a step's operands once more.
    func settle(
        _ expression: Expression,
        _ value: StepValue,
        _ before: Int,
        _ steps: Steps
    ) throws(QueryError) {
        let count =
            switch value {
            case .scalar: steps.count
            case .string: 0
            case .vector(let series): series.reduce(0) { $0 + $1.sampleCount }
            }
        if expression.holdsOperands {
            let operands = held - before
            try hold(count + operands / steps.count)
        }
        held = before + count
        try hold(0)
    }

    /// Evaluates what does not change from step to step once, for all of them.
    ///
    /// Source: Prometheus, promql/engine.go: `StepInvariantExpr`.
    func fixedValue(_ expression: Expression, _ steps: Steps) throws(QueryError) -> StepValue {
        guard steps.count > 1, expression.isFixed else {
            return try evaluateNode(expression, steps)
        }
        let total = statistics.totalQueryableSamples
        let first = Steps(start: steps.start, interval: steps.interval, count: 1)
        let value = try evaluateNode(expression, first)
        let once = statistics.totalQueryableSamples - total
        for step in 1..<steps.count { count(once, at: step) }
        guard case .vector(let series) = value else { return value }
        if case .vectorSelector = expression { try hold(series.count * (steps.count - 1)) }
        return .vector(
            series.map { one in
                var one = one
                one.values = ContiguousArray(repeating: one.values[0], count: steps.count)
                return one
            }
        )
    }
}

extension StepSeries {
    /// How many steps have a sample.
    var sampleCount: Int { values.reduce(0) { $0 + ($1.isStalenessMarker ? 0 : 1) } }
}

extension Expression {
    /// Whether the operands' samples are held beside those of the result.
    fileprivate var holdsOperands: Bool {
        switch self {
        case .binary: true
        case .call(let node): !node.arguments.contains { $0.type == .rangeVector }
        default: false
        }
    }

    /// Whether a vector is the same at all steps, because its selectors look at a fixed moment.
    var isFixed: Bool { type == .instantVector && hasFixedMoment }

    private var hasFixedMoment: Bool {
        switch self {
        case .number, .string: true
        case .vectorSelector(let node): node.at != nil
        case .matrixSelector(let node): node.selector.at != nil
        case .subquery(let node): node.at != nil
        case .call(let node):
            !node.function.dependsOnTime && !node.arguments.isEmpty
                && node.arguments.allSatisfy(\.hasFixedMoment)
        case .aggregate(let node):
            node.expression.hasFixedMoment && node.parameter?.hasFixedMoment ?? true
        case .binary(let node): node.left.hasFixedMoment && node.right.hasFixedMoment
        case .unary(let node): node.operand.hasFixedMoment
        case .parentheses(let node): node.content.hasFixedMoment
        }
    }
}

extension Function {
    /// Whether the value depends on the time even where all selectors are fixed.
    ///
    /// Source: Prometheus, promql/functions.go: `AtModifierUnsafeFunctions`.
    var dependsOnTime: Bool {
        switch self {
        case .dayOfMonth, .dayOfWeek, .dayOfYear, .daysInMonth, .end, .hour, .minute, .month,
            .predictLinear, .range, .start, .step, .time, .timestamp, .year:
            true
        default: false
        }
    }
}
