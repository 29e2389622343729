// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples
internal import Storage

/// The modifiers `anchored` and `smoothed`.
extension Evaluation {
    /// Evaluates a function of an anchored or smoothed range.
    func extended(
        _ function: Function,
        _ node: MatrixSelector,
        _ steps: Steps
    ) throws(QueryError) -> [StepSeries] {
        let isSmoothed = node.selector.isSmoothed
        let isCounter = function != .delta
        let lookback = options.lookback.milliseconds
        let reach = reach(node.selector, steps, node.window.duration)
        var wide = reach
        wide.length += lookback
        if isSmoothed {
            wide.offset -= lookback
            wide.length += lookback
        }
        var result: [StepSeries] = []
        for series in try read(node.selector.matchers, wide) {
            var window = Window(times: series.times, values: series.values)
            var values = ContiguousArray<Double>.absent(steps.count)
            for step in 0..<steps.count {
                let through = reach.moment(step)
                let end = wide.moment(step)
                window.move(from: end - wide.length, through: end)
                let range = ExtendedRange(
                    window,
                    from: through - reach.length,
                    through: through,
                    isSmoothed: isSmoothed,
                    isCounter: isCounter
                )
                guard let range else { continue }
                values[step] = value(function, range, window, Double(reach.length) / 1_000)
            }
            try checkTime()
            let one = StepSeries(labels: series.labels, values: values)
            if !one.isEmpty { result.append(one) }
        }
        return result
    }

    private func value(
        _ function: Function,
        _ range: ExtendedRange,
        _ window: borrowing Window,
        _ seconds: Double
    ) -> Double {
        switch function {
        case .rate: range.change(window, isCounter: true) / seconds
        case .increase: range.change(window, isCounter: true)
        case .delta: range.change(window, isCounter: false)
        case .resets: range.count(window) { $1 < $0 }
        default: range.count(window) { $0 != $1 && !($0.isNaN && $1.isNaN) }
        }
    }

    /// The value of each series at each step, interpolated between the samples around it.
    ///
    /// Without a later sample the earlier one counts; without an earlier one there is no value.
    /// Source: Prometheus, promql/engine.go: `smoothSeries`.
    func smoothed(_ node: VectorSelector, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        let lookback = options.lookback.milliseconds
        var reach = reach(node, steps, options.lookback * 2)
        reach.offset -= lookback
        var result: [StepSeries] = []
        for series in try read(node.matchers, reach) {
            var window = Window(times: series.times, values: series.values)
            var values = ContiguousArray<Double>.absent(steps.count)
            for step in 0..<steps.count {
                let end = reach.moment(step)
                window.move(from: end - reach.length, through: end)
                values[step] = value(of: window, at: end - lookback) ?? .stalenessMarker
            }
            try checkTime()
            let one = StepSeries(labels: series.labels, values: values)
            if !one.isEmpty { result.append(one) }
        }
        return result
    }

    private func value(of window: borrowing Window, at time: Int64) -> Double? {
        var next = window.lower
        while next < window.upper, window.times[next] < time { next += 1 }
        if next < window.upper, window.times[next] == time { return window.values[next] }
        guard next > window.lower else { return nil }
        let (start, a) = (window.times[next - 1], window.values[next - 1])
        guard next < window.upper else { return a }
        let share = Double(time - start) / Double(window.times[next] - start)
        return a + (window.values[next] - a) * share
    }
}
