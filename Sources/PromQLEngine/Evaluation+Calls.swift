// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc
internal import Locking
internal import PromQLSyntax
internal import Samples

extension Evaluation {
    /// Evaluates a function's call.
    func call(_ call: Call, _ steps: Steps) throws(QueryError) -> StepValue {
        let arguments = call.arguments
        if let scalars = scalarFunction(call.function, steps) { return .scalar(scalars) }
        if arguments.first?.type == .rangeVector || arguments.last?.type == .rangeVector {
            return .vector(try overTime(call, steps))
        }
        switch call.function {
        case .minOf, .maxOf:
            let (a, b) = (try scalar(arguments[0], steps), try scalar(arguments[1], steps))
            let isMinimum = call.function == .minOf
            let pick: (Double, Double) -> Double = { x, y in
                x.isNaN || y.isNaN ? .nan : isMinimum ? min(x, y) : max(x, y)
            }
            return .scalar(ContiguousArray(zip(a, b).map(pick)))
        case .vector:
            return .vector([StepSeries(labels: .empty, values: try scalar(arguments[0], steps))])
        case .scalar: return .scalar(toScalar(try vector(arguments[0], steps), steps))
        case .absent: return .vector(absent(try vector(arguments[0], steps), arguments[0], steps))
        case .timestamp: return .vector(try timestamps(arguments[0], steps))
        case .info: return .vector(try info(call, steps))
        case .startTimestamp: return .vector(try startTimes(arguments[0], steps))
        case .sort, .sortDesc, .sortByLabel, .sortByLabelDesc:
            return .vector(try sort(call, steps))
        case .labelReplace, .labelJoin: return .vector(try relabel(call, steps))
        case .histogramQuantile, .histogramFraction, .histogramQuantiles:
            return .vector(try histogram(call, steps))
        case .histogramAvg, .histogramCount, .histogramSum, .histogramStddev, .histogramStdvar:
            // Floats have none of these, but what is wrong in the argument is wrong all the same.
            _ = try vector(arguments[0], steps)
            return .vector([])
        case .clamp, .clampMin, .clampMax, .round: return .vector(try bounded(call, steps))
        case .dayOfMonth, .dayOfWeek, .dayOfYear, .daysInMonth, .hour, .minute, .month, .year:
            return .vector(try dates(call, steps))
        default:
            guard let function = simpleFunction(call.function) else {
                throw unsupported(call.function.rawValue)
            }
            return .vector(try mapValues(try vector(arguments[0], steps), function))
        }
    }

    private func scalarFunction(_ function: Function, _ steps: Steps) -> ContiguousArray<Double>? {
        func constant(_ value: Double) -> ContiguousArray<Double> {
            ContiguousArray(repeating: value, count: steps.count)
        }
        switch function {
        case .time: return ContiguousArray((0..<steps.count).map { Double(steps.time($0)) / 1_000 })
        case .pi: return constant(.pi)
        case .start: return constant(Double(self.steps.start) / 1_000)
        case .end: return constant(Double(end) / 1_000)
        case .step: return constant(isInstant ? 0 : Double(self.steps.interval) / 1_000)
        case .range: return constant(Double(end - self.steps.start) / 1_000)
        default: return nil
        }
    }

    private func simpleFunction(_ function: Function) -> ((Double) -> Double)? {
        switch function {
        case .abs: { Swift.abs($0) }
        case .ceil: { $0.rounded(.up) }
        case .floor: { $0.rounded(.down) }
        case .exp: { Glibc.exp($0) }
        case .ln: { Glibc.log($0) }
        case .log2: { Glibc.log2($0) }
        case .log10: { Glibc.log10($0) }
        case .sqrt: { $0.squareRoot() }
        case .sgn: { $0 < 0 ? -1 : $0 > 0 ? 1 : $0 }
        case .sin: { Glibc.sin($0) }
        case .cos: { Glibc.cos($0) }
        case .tan: { Glibc.tan($0) }
        case .asin: { Glibc.asin($0) }
        case .acos: { Glibc.acos($0) }
        case .atan: { Glibc.atan($0) }
        case .sinh: { hyperbolic($0, Glibc.sinh) }
        case .cosh: { hyperbolic($0, Glibc.cosh).magnitude }
        case .tanh: { Glibc.tanh($0) }
        case .asinh: { Glibc.asinh($0) }
        case .acosh: { Glibc.acosh($0) }
        case .atanh: { Glibc.atanh($0) }
        case .deg: { $0 * 180 / .pi }
        case .rad: { $0 * .pi / 180 }
        default: nil
        }
    }

    private func toScalar(_ series: [StepSeries], _ steps: Steps) -> ContiguousArray<Double> {
        ContiguousArray(
            (0..<steps.count).map { step in
                let present = series.filter { !$0.values[step].isStalenessMarker }
                return present.count == 1 ? present[0].values[step] : .nan
            }
        )
    }

    private func timestamps(
        _ argument: Expression,
        _ steps: Steps
    ) throws(QueryError) -> [StepSeries] {
        if case .vectorSelector(let selector) = argument.unparenthesized {
            return try droppingNames(try select(selector, steps, asTimes: true))
        }
        var series = try vector(argument, steps)
        for index in series.indices {
            for step in 0..<steps.count where !series[index].values[step].isStalenessMarker {
                series[index].values[step] = Double(steps.time(step)) / 1_000
            }
        }
        return try droppingNames(series)
    }

    /// The start of each sample's counter, in seconds; zero where it is not known.
    private func startTimes(
        _ argument: Expression,
        _ steps: Steps
    ) throws(QueryError) -> [StepSeries] {
        guard case .vectorSelector(let selector) = argument.unparenthesized else {
            return try mapValues(try vector(argument, steps)) { _ in 0 }
        }
        var series = try select(selector, steps, asTimes: true)
        for index in series.indices {
            let known = engine.startTimes.withLock { $0[series[index].labels] } ?? [:]
            for step in 0..<steps.count where !series[index].values[step].isStalenessMarker {
                let time = Timestamp(seconds: series[index].values[step]).milliseconds
                series[index].values[step] = Double(known[time] ?? 0) / 1_000
            }
        }
        return try droppingNames(series)
    }

    private func sort(_ call: Call, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        let series = try vector(call.arguments[0], steps)
        guard steps.count == 1 else {
            warn(
                "sort is ineffective for range queries since results are always ordered by labels",
                at: call.range
            )
            return series
        }
        let present = series.filter { !$0.isEmpty }
        switch call.function {
        case .sort, .sortDesc:
            let descends = call.function == .sortDesc
            return present.sorted { a, b in
                let (x, y) = (a.values[0], b.values[0])
                if x.isNaN || y.isNaN { return !x.isNaN && y.isNaN }
                return descends ? x > y : x < y
            }
        default: return sortedByLabels(call, present)
        }
    }

    private func sortedByLabels(_ call: Call, _ series: [StepSeries]) -> [StepSeries] {
        let names = call.arguments.dropFirst().map { text($0) }
        let descends = call.function == .sortByLabelDesc
        return series.sorted { a, b in
            let (a, b) = descends ? (b, a) : (a, b)
            for name in names {
                let (x, y) = (a.labels[name], b.labels[name])
                if x != y { return precedesNaturally(x, y) }
            }
            return a.labels < b.labels
        }
    }

    private func bounded(_ call: Call, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        var series = try vector(call.arguments[0], steps)
        let first =
            call.arguments.count > 1
            ? try scalar(call.arguments[1], steps)
            : ContiguousArray(repeating: 1, count: steps.count)
        let second = call.arguments.count > 2 ? try scalar(call.arguments[2], steps) : []
        // As Go's Max and Min: an infinity that decides wins over NaN.
        func larger(_ a: Double, _ b: Double) -> Double {
            if a == .infinity || b == .infinity { return .infinity }
            return a.isNaN || b.isNaN ? .nan : Double.maximum(a, b)
        }
        func smaller(_ a: Double, _ b: Double) -> Double {
            if a == -.infinity || b == -.infinity { return -.infinity }
            return a.isNaN || b.isNaN ? .nan : Double.minimum(a, b)
        }
        for index in series.indices {
            for step in 0..<steps.count where !series[index].values[step].isStalenessMarker {
                let value = series[index].values[step]
                let result: Double
                switch call.function {
                case .clampMin: result = larger(first[step], value)
                case .clampMax: result = smaller(first[step], value)
                case .clamp:
                    result =
                        second[step] < first[step]
                        ? .stalenessMarker : larger(first[step], smaller(second[step], value))
                default:
                    let inverse = 1 / first[step]
                    result = (value * inverse + 0.5).rounded(.down) / inverse
                }
                series[index].values[step] = result
            }
        }
        return try droppingNames(series.filter { !$0.isEmpty })
    }
}

/// A hyperbolic sine or cosine; of large arguments half of `exp`, as in Go, which gets infinite sooner.
private func hyperbolic(_ x: Double, _ function: (Double) -> Double) -> Double {
    guard x.magnitude > 21 else { return function(x) }
    return Double(signOf: x, magnitudeOf: Glibc.exp(x.magnitude) * 0.5)
}
