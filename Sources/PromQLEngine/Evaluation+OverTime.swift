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
            return try extended(call.function, node, steps)
        }
        let input = try matrix(argument, steps)
        var parameters: [ContiguousArray<Double>] = []
        for (index, expression) in call.arguments.enumerated() where index != place {
            parameters.append(try scalar(expression, steps))
        }
        if call.function == .quantileOverTime, let range = call.arguments.first?.range {
            for q in parameters[0] where !(q >= 0 && q <= 1) { warnQuantile(q, at: range) }
        }
        if call.function == .doubleExponentialSmoothing {
            for factor in parameters.joined() where !(factor > 0 && factor < 1) {
                throw QueryError(kind: .execution, message: "invalid factor: \(goText(factor))")
            }
        }
        var result: [StepSeries] = []
        for series in input {
            var window = series.window
            var values = ContiguousArray<Double>.absent(steps.count)
            for step in 0..<steps.count {
                window.move(from: series.from(step), through: series.through(step))
                window.now = steps.time(step)
                let a = parameters.first?[step] ?? 0
                let b = parameters.count > 1 ? parameters[1][step] : 0
                guard window.count > 0 else { continue }
                if let value = value(call.function, window, a, b) { values[step] = value }
            }
            try charge(steps.count)
            let one = StepSeries(labels: series.labels, dropsName: series.dropsName, values: values)
            if !one.isEmpty { result.append(one) }
        }
        switch call.function {
        case .lastOverTime, .firstOverTime: return result
        case .absentOverTime: return absent(result, argument, steps)
        default: break
        }
        guard
            value(call.function, Window(times: [0, 1], values: [0, 0]), 0, 0) != nil
                || !isUnknown(call.function)
        else {
            throw unsupported(call.function.rawValue)
        }
        return try droppingNames(result)
    }

    private func isUnknown(_ function: Function) -> Bool {
        switch function {
        case .info, .startTimestamp: true
        default: false
        }
    }

    private func value(
        _ function: Function,
        _ window: borrowing Window,
        _ a: Double,
        _ b: Double
    ) -> Double? {
        switch function {
        case .rate: extrapolatedChange(window, .rate)
        case .increase: extrapolatedChange(window, .increase)
        case .delta: extrapolatedChange(window, .delta)
        case .irate: instantChange(window, isRate: true)
        case .idelta: instantChange(window, isRate: false)
        case .resets: resets(window)
        case .changes: changes(window)
        case .deriv:
            window.count > 1
                ? Regression(window, intercept: window.times[window.lower])?.slope : nil
        case .predictLinear:
            Regression(window, intercept: window.now).map { $0.slope * a + $0.intercept }
        case .doubleExponentialSmoothing: doubleExponentialSmoothing(window, smoothing: a, trend: b)
        default: window.count > 0 ? summary(function, window, a) : nil
        }
    }

    private func summary(_ function: Function, _ window: borrowing Window, _ q: Double) -> Double? {
        let inside = window.inside
        switch function {
        case .avgOverTime:
            var mean = CompensatedMean()
            for value in inside { mean.add(value) }
            return mean.mean
        case .sumOverTime:
            var sum = CompensatedSum()
            for value in inside { sum.add(value) }
            return sum.total
        case .minOverTime: return extreme(inside) { $0 < $1 }
        case .maxOverTime: return extreme(inside) { $0 > $1 }
        case .countOverTime: return Double(inside.count)
        case .lastOverTime: return window.last
        case .firstOverTime: return window.first
        case .presentOverTime, .absentOverTime: return 1
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
        let named = matchers.filter { $0.name != .metricName }
        let once = named.filter { one in
            one.kind == .equal && named.filter { $0.name == one.name }.count == 1
        }
        return LabelSet(once.map { ($0.name.text, $0.value) })
    }
}
