// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

/// All windows that a range selector sees of one series, for functions whose value at one step helps
/// at the next.
///
/// A day of samples at each of a thousand steps is nine million to look at; what enters a window and
/// what leaves it are two a step. Edges never go back from one step to the next.
struct SlidingWindows {
    private let times: ContiguousArray<Int64>
    private let values: ContiguousArray<Double>
    private let reach: Reach
    /// Where each window begins and ends.
    private(set) var edges: WindowEdges
    /// Whether it is known when the counter started, which only a look at each sample can heed.
    private let hasStarts: Bool

    /// Finds the edges of all steps, in the memory of those of another series.
    init(_ series: borrowing RangeSeries, reusing memory: consuming WindowEdges) {
        times = series.window.times
        values = series.window.values
        reach = series.reach
        hasStarts = !series.window.starts.isEmpty
        var found = memory
        found.find(in: series.window.times.span, series.reach)
        edges = found
    }

    private var lower: ContiguousArray<Int> { edges.lower }
    private var upper: ContiguousArray<Int> { edges.upper }

    /// How many steps there are.
    var stepCount: Int { edges.lower.count }

    /// How many samples the window at a step has.
    func count(_ step: Int) -> Int { edges.upper[step] - edges.lower[step] }

    /// The function's value at each step; nil for a function that looks at each window by itself.
    func values(
        of function: Function,
        _ parameters: [ContiguousArray<Double>]
    ) -> ContiguousArray<Double>? {
        switch function {
        case .rate where !hasStarts: changes(.rate)
        case .increase where !hasStarts: changes(.increase)
        case .delta: changes(.delta)
        case .resets where !hasStarts: counts(of: places { $1 < $0 })
        case .changes: counts(of: places { $0 != $1 && !($0.isNaN && $1.isNaN) })
        case .minOverTime: extremes { $0 > $1 }
        case .maxOverTime: extremes { $0 < $1 }
        case .sumOverTime: summaries(CompensatedSum.self)
        case .avgOverTime: summaries(CompensatedMean.self)
        case .countOverTime: each { Double($1 - $0) }
        case .presentOverTime, .absentOverTime: each { _, _ in 1 }
        case .doubleExponentialSmoothing: smoothed(parameters[0], parameters[1])
        default: nil
        }
    }

    /// The value of each window that has a sample, by its edges.
    @inline(__always)
    private func each(_ value: (Int, Int) -> Double) -> ContiguousArray<Double> {
        var result = ContiguousArray<Double>.absent(stepCount)
        var output = result.mutableSpan
        let (lower, upper) = (edges.lower.span, edges.upper.span)
        for step in 0..<stepCount where upper[step] > lower[step] {
            output[step] = value(lower[step], upper[step])
        }
        return result
    }

    private func summaries<Kept: Accumulator>(_: Kept.Type) -> ContiguousArray<Double> {
        let input = values.span
        let (lower, upper) = (edges.lower.span, edges.upper.span)
        var result = ContiguousArray<Double>.absent(stepCount)
        var output = result.mutableSpan
        for step in 0..<stepCount where upper[step] > lower[step] {
            var kept = Kept(first: input[lower[step]])
            for index in lower[step] + 1..<upper[step] { kept.take(input[index]) }
            output[step] = kept.result
        }
        return result
    }

    /// The places of samples that stand in a relation to the one before.
    @inline(__always)
    private func places(where relates: (Double, Double) -> Bool) -> ContiguousArray<Int> {
        let input = values.span
        var found: ContiguousArray<Int> = []
        var index = 1
        while index < input.count {
            if relates(input[index - 1], input[index]) { found.append(index) }
            index += 1
        }
        return found
    }

    /// How many of the places are in each window; one at its first sample looks out of it.
    private func counts(of places: ContiguousArray<Int>) -> ContiguousArray<Double> {
        var (first, end) = (0, 0)
        return each { lower, upper in
            while first < places.count, places[first] <= lower { first += 1 }
            while end < places.count, places[end] < upper { end += 1 }
            return Double(max(0, end - first))
        }
    }

    /// What `rate` and its like give: the ends of a window and the restarts inside tell it all.
    private func changes(_ kind: RateKind) -> ContiguousArray<Double> {
        let restarts = kind.isCounter ? places { $1 < $0 } : []
        var first = 0
        var result = ContiguousArray<Double>.absent(stepCount)
        var output = result.mutableSpan
        let (times, values) = (times.span, values.span)
        for step in output.indices where count(step) > 1 {
            let (lower, last) = (edges.lower[step], edges.upper[step] - 1)
            var change = values[last] - values[lower]
            while first < restarts.count, restarts[first] <= lower { first += 1 }
            var restart = first
            while restart < restarts.count, restarts[restart] <= last {
                change += values[restarts[restart] - 1]
                restart += 1
            }
            let ends = WindowEnds(
                first: (times[lower], values[lower]),
                last: times[last],
                count: last - lower + 1,
                from: reach.moment(step) - reach.length,
                through: reach.moment(step)
            )
            output[step] = ends.extrapolated(change, kind)
        }
        return result
    }

    /// The extreme of each window: candidates queue up, and one that a later sample outdoes leaves.
    @inline(__always)
    private func extremes(
        _ isOutdone: (_ earlier: Double, _ later: Double) -> Bool
    ) -> ContiguousArray<Double> {
        let input = values.span
        var queue = ContiguousArray<Int>(repeating: 0, count: values.count)
        var (head, tail, entered) = (0, 0, 0)
        return each { lower, upper in
            if entered < lower { (head, tail, entered) = (0, 0, lower) }
            while entered < upper {
                let value = input[entered]
                if !value.isNaN {
                    while tail > head, isOutdone(input[queue[tail - 1]], value) { tail -= 1 }
                    queue[tail] = entered
                    tail += 1
                }
                entered += 1
            }
            while head < tail, queue[head] < lower { head += 1 }
            return head < tail ? input[queue[head]] : .nan
        }
    }
}

/// Where the window of each step begins and ends in a series' samples.
struct WindowEdges {
    /// The first sample inside, a step.
    private(set) var lower: ContiguousArray<Int> = []
    /// The first sample past the end, a step.
    private(set) var upper: ContiguousArray<Int> = []

    /// Finds the edges of all steps, which never go back from one step to the next.
    mutating func find(in times: Span<Int64>, _ reach: Reach) {
        let count = reach.steps.count
        if lower.count != count {
            lower = ContiguousArray(repeating: 0, count: count)
            upper = lower
        }
        findEdges(in: times, reach, &lower, &upper)
    }
}

private func findEdges(
    in times: Span<Int64>,
    _ reach: Reach,
    _ lower: inout ContiguousArray<Int>,
    _ upper: inout ContiguousArray<Int>
) {
    var lowers = lower.mutableSpan
    var uppers = upper.mutableSpan
    var (first, end) = (0, 0)
    for step in lowers.indices {
        let through = reach.moment(step)
        let from = through - reach.length
        while end < times.count, times[end] <= through { end += 1 }
        while first < end, times[first] <= from { first += 1 }
        lowers[step] = first
        uppers[step] = end
    }
}

extension SlidingWindows {
    /// Smooths four windows side by side: one waits for its own last result at each sample.
    private func smoothed(
        _ smoothing: ContiguousArray<Double>,
        _ trend: ContiguousArray<Double>
    ) -> ContiguousArray<Double> {
        var result = ContiguousArray<Double>.absent(stepCount)
        let input = values.span
        for start in stride(from: 0, to: stepCount, by: 4) {
            var steps = SIMD4<Int>(repeating: start)
            for lane in 0..<min(4, stepCount - start) { steps[lane] = start + lane }
            var state = Smoothing(
                smoothing: SIMD4(gathering: smoothing.span, steps),
                trend: SIMD4(gathering: trend.span, steps)
            )
            let lowest = SIMD4(lower[steps[0]], lower[steps[1]], lower[steps[2]], lower[steps[3]])
            let counts =
                SIMD4(upper[steps[0]], upper[steps[1]], upper[steps[2]], upper[steps[3]]) &- lowest
            guard counts.max() > 1 else { continue }
            var index = 0
            let common = counts.min()
            while index < common {
                state.take(SIMD4(gathering: input, lowest &+ index), at: index)
                index += 1
            }
            while index < counts.max() {
                let isInside = SIMD4<Int64>(truncatingIfNeeded: counts) .> Int64(index)
                let places = (lowest &+ index).replacing(with: 0, where: counts .<= index)
                state.take(SIMD4(gathering: input, places), at: index, where: isInside)
                index += 1
            }
            for lane in 0..<min(4, stepCount - start) where counts[lane] > 1 {
                result[start + lane] = state.level[lane]
            }
        }
        return result
    }
}

/// Holt's double exponential smoothing of four windows.
///
/// Source: Prometheus, promql/functions.go: `funcDoubleExponentialSmoothing`.
private struct Smoothing {
    let smoothing: SIMD4<Double>
    let trend: SIMD4<Double>
    private(set) var level = SIMD4<Double>.zero
    private var before = SIMD4<Double>.zero
    private var slope = SIMD4<Double>.zero

    init(smoothing: SIMD4<Double>, trend: SIMD4<Double>) {
        self.smoothing = smoothing
        self.trend = trend
    }

    /// Takes the windows' samples of one index.
    @inline(__always)
    mutating func take(_ values: SIMD4<Double>, at index: Int) {
        guard index > 0 else {
            level = values
            return
        }
        slope = index == 1 ? values - level : trend * (level - before) + (1 - trend) * slope
        let next = smoothing * values + (1 - smoothing) * (level + slope)
        (before, level) = (level, next)
    }

    /// Takes the samples of those windows that have one of this index.
    mutating func take(
        _ values: SIMD4<Double>,
        at index: Int,
        where isInside: SIMDMask<SIMD4<Int64>>
    ) {
        let (level, before, slope) = (level, before, slope)
        take(values, at: index)
        self.level.replace(with: level, where: .!isInside)
        self.before.replace(with: before, where: .!isInside)
        self.slope.replace(with: slope, where: .!isInside)
    }
}

extension SIMD4<Double> {
    fileprivate init(gathering values: Span<Double>, _ places: SIMD4<Int>) {
        self.init(values[places[0]], values[places[1]], values[places[2]], values[places[3]])
    }
}
