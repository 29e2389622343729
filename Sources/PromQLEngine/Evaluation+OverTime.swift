// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

extension Evaluation {
    /// Evaluates a function of a range vector.
    func overTime(_ call: Call, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        guard let place = call.arguments.firstIndex(where: { $0.type == .rangeVector }) else {
            return []
        }
        let argument = call.arguments[place]
        if case .matrixSelector(let node) = argument.unparenthesized,
            node.selector.isAnchored || node.selector.isSmoothed
        {
            let result = try extended(call.function, node, steps)
            informOfCounters(call, argument, result)
            return try droppingNames(result)
        }
        var parameters: [ContiguousArray<Double>] = []
        for (index, expression) in call.arguments.enumerated() where index != place {
            parameters.append(try scalar(expression, steps))
        }
        let before = held
        var result: [StepSeries] = []
        var edges = WindowEdges()
        try eachRange(of: argument, steps) { series throws(QueryError) in
            let values = try values(call, series, parameters, steps, &edges)
            let one = StepSeries(labels: series.labels, dropsName: series.dropsName, values: values)
            if !one.isEmpty { result.append(one) }
        }
        release(to: before)
        informOfCounters(call, argument, result)
        switch call.function {
        case .lastOverTime, .firstOverTime: return result
        case .absentOverTime: return absent(result, argument, steps)
        default: return try droppingNames(result)
        }
    }

    /// The function's value at each step for one series.
    private func values(
        _ call: Call,
        _ series: RangeSeries,
        _ parameters: [ContiguousArray<Double>],
        _ steps: Steps,
        _ edges: inout WindowEdges
    ) throws(QueryError) -> ContiguousArray<Double> {
        // Taken out for the while: what two hold would be copied.
        var memory = WindowEdges()
        swap(&memory, &edges)
        let windows = SlidingWindows(series, reusing: memory)
        defer { edges = windows.edges }
        if let values = windows.values(of: call.function, parameters) {
            if call.function == .doubleExponentialSmoothing {
                for step in 0..<steps.count where windows.count(step) > 0 {
                    try checkFactors(parameters[0][step], parameters[1][step])
                }
            }
            try see(windows)
            try hold(values.reduce(0) { $0 + ($1.isStalenessMarker ? 0 : 1) })
            return values
        }
        var window = series.window
        var values = ContiguousArray<Double>.absent(steps.count)
        var found = 0
        for step in 0..<steps.count {
            window.move(from: series.from(step), through: series.through(step))
            window.now = steps.time(step)
            guard window.count > 0 else { continue }
            try see(window.count, at: step)
            let a = parameters.first?[step] ?? 0
            let b = parameters.count > 1 ? parameters[1][step] : 0
            check(call, window, a, series.labels)
            guard let value = value(call.function, window, a, b) else { continue }
            values[step] = value
            found += 1
        }
        try hold(found)
        return values
    }

    private func checkFactors(_ smoothing: Double, _ trend: Double) throws(QueryError) {
        for (name, short, factor) in [("smoothing", "sf", smoothing), ("trend", "tf", trend)]
        where factor <= 0 || factor >= 1 {
            throw .execution(
                "invalid \(name) factor. Expected: 0 < \(short) < 1, got: \(fixedText(factor))"
            )
        }
    }

    /// Warns of parameters that are out of range, and of samples whose counter started too early.
    private func check(
        _ call: Call,
        _ window: borrowing Window,
        _ a: Double,
        _ labels: LabelSet
    ) {
        switch call.function {
        case .quantileOverTime:
            if !(a >= 0 && a <= 1) { warnQuantile(a, at: call.arguments[0].range) }
        case .rate, .increase, .irate, .resets:
            guard window.hasOverlap else { return }
            warn(
                "sample has start time that overlaps with previous sample timestamp for metric"
                    + " \(quoted(labels.metricName))",
                at: call.arguments[0].range
            )
        default: break
        }
    }

    /// Tells of metrics whose name is no counter's, where a counter's rate is taken.
    ///
    /// Source: Prometheus, util/annotations: `NewPossibleNonCounterInfo`.
    private func informOfCounters(
        _ call: Call,
        _ argument: Expression,
        _ result: [StepSeries]
    ) {
        guard call.function == .rate || call.function == .increase else { return }
        let endings = ["_total", "_sum", "_count", "_bucket"]
        var known: Set<Symbol> = []
        var last: Symbol?
        for index in result.indices {
            guard let symbol = result[index].labels[.metricName], symbol != last else { continue }
            last = symbol
            guard known.insert(symbol).inserted else { continue }
            let name = symbol.text
            if endings.contains(where: name.hasSuffix) { continue }
            inform(
                "metric might not be a counter, name does not end in _total/_sum/_count/_bucket:"
                    + " \(quoted(name))",
                at: argument.range
            )
        }
    }

    private func value(
        _ function: Function,
        _ window: borrowing Window,
        _ a: Double,
        _ b: Double
    ) -> Double? {
        switch function {
        case .rate: startedChange(window, .rate)
        case .increase: startedChange(window, .increase)
        case .irate: instantChange(window, isRate: true)
        case .idelta: instantChange(window, isRate: false)
        case .resets: resets(window)
        case .deriv:
            window.count > 1
                ? Regression(window, intercept: window.times[window.lower])?.slope : nil
        case .predictLinear:
            Regression(window, intercept: window.now).map { $0.slope * a + $0.intercept }
        default: window.count > 0 ? summary(function, window, a) : nil
        }
    }

    private func summary(_ function: Function, _ window: borrowing Window, _ q: Double) -> Double? {
        let inside = window.inside
        switch function {
        case .lastOverTime: return window.last
        case .firstOverTime: return window.first
        case .stddevOverTime, .stdvarOverTime:
            var variance = RunningVariance()
            for value in inside { variance.add(value) }
            return function == .stddevOverTime ? variance.variance.squareRoot() : variance.variance
        case .quantileOverTime: return quantile(q, of: inside)
        case .madOverTime:
            if inside.contains(where: \.isNaN) { return .nan }
            let median = quantile(0.5, of: inside)
            return quantile(0.5, of: inside.map { abs($0 - median) })
        case .tsOfMinOverTime: return timeOfExtreme(window) { $0 <= $1 }
        case .tsOfMaxOverTime: return timeOfExtreme(window) { $0 >= $1 }
        case .tsOfFirstOverTime: return Double(window.times[window.lower]) / 1_000
        case .tsOfLastOverTime: return Double(window.times[window.upper - 1]) / 1_000
        default: return nil
        }
    }

    /// Seconds of the last sample that is the extreme one; a NaN gives way to any number.
    private func timeOfExtreme(
        _ window: borrowing Window,
        _ isExtreme: (Double, Double) -> Bool
    ) -> Double? {
        var found = window.lower
        for index in window.lower..<window.upper {
            let (value, best) = (window.values[index], window.values[found])
            if isExtreme(value, best) || best.isNaN { found = index }
        }
        return Double(window.times[found]) / 1_000
    }

    /// 1 at the steps where nothing is there, with the labels that the selector is certain of.
    func absent(_ series: [StepSeries], _ argument: Expression, _ steps: Steps) -> [StepSeries] {
        var values = ContiguousArray<Double>.absent(steps.count)
        for step in 0..<steps.count
        where series.allSatisfy({ $0.values[step].isStalenessMarker }) { values[step] = 1 }
        let one = StepSeries(labels: certainLabels(argument), values: values)
        return one.isEmpty ? [] : [one]
    }

    private func certainLabels(_ argument: Expression) -> LabelSet {
        let matchers: [Matcher]
        switch argument.unparenthesized {
        case .vectorSelector(let node): matchers = node.matchers
        case .matrixSelector(let node): matchers = node.selector.matchers
        default: return .empty
        }
        // The order counts: what is set goes again with the next condition on the same label.
        var certain: [Symbol: String] = [:]
        var seen: Set<Symbol> = []
        for matcher in matchers where matcher.name != .metricName {
            let isFirst = matcher.kind == .equal && seen.insert(matcher.name).inserted
            certain[matcher.name] = isFirst ? matcher.value : nil
        }
        return LabelSet(certain.map { ($0.key.text, $0.value) })
    }
}
