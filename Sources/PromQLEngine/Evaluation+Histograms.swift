// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples
internal import SourceText

/// The bucket series of one classic histogram, sorted by bound.
private struct BucketGroup {
    var labels: LabelSet
    var buckets: [(bound: Double, values: ContiguousArray<Double>)] = []

    /// Puts the buckets that have a sample at a step into an array that is used again and again.
    func present(_ step: Int, _ result: inout Buckets) {
        result.removeAll(keepingCapacity: true)
        for index in buckets.indices {
            let count = buckets[index].values[step]
            if count.isStalenessMarker { continue }
            result.append(Bucket(bound: buckets[index].bound, count: count))
        }
    }
}

/// The histograms of one metric whose counts had to be made to grow.
private struct MonotonicityNote {
    private var repair = BucketRepair()
    private var count = 0
    private var first = Int64.max
    private var last = Int64.min

    mutating func add(_ other: BucketRepair, _ time: Int64) {
        repair.merge(other)
        count += 1
        first = min(first, time)
        last = max(last, time)
    }

    /// Source: Prometheus, util/annotations: `NewHistogramQuantileForcedMonotonicityInfo`.
    func message(_ metric: String) -> String {
        let message = named(
            "input to histogram_quantile needed to be fixed for monotonicity (see"
                + " https://prometheus.io/docs/prometheus/latest/querying/functions/"
                + "#histogram_quantile)",
            metric
        )
        guard let bounds = repair.bounds else { return message }
        return message + ", from buckets \(goText(bounds.lowerBound))"
            + " to \(goText(bounds.upperBound)), with a max diff of"
            + " \(goText(repair.largest, digits: 2)), over \(count) samples"
            + " from \(dateText(first)) to \(dateText(last))"
    }
}

extension Evaluation {
    /// Evaluates `histogram_quantile`, `histogram_quantiles` and `histogram_fraction`.
    func histogram(_ call: Call, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        switch call.function {
        case .histogramFraction:
            let lower = try scalar(call.arguments[0], steps)
            let upper = try scalar(call.arguments[1], steps)
            let groups = try bucketGroups(call.arguments[2], steps)
            return try evaluate(groups, steps) { buckets, step, _ in
                bucketFraction(from: lower[step], to: upper[step], &buckets)
            }
        case .histogramQuantile:
            let q = try quantiles(call.arguments[0], steps)
            let groups = try bucketGroups(call.arguments[1], steps)
            return try quantile(q, groups, call.arguments[1], steps)
        default: return try histogramQuantiles(call, steps)
        }
    }

    private func histogramQuantiles(
        _ call: Call,
        _ steps: Steps
    ) throws(QueryError) -> [StepSeries] {
        let label = text(call.arguments[1])
        guard isName(label) else {
            throw .execution("invalid label name in histogram_quantiles(): \(label)")
        }
        let groups = try bucketGroups(call.arguments[0], steps)
        var result: [StepSeries] = []
        for argument in call.arguments.dropFirst(2) {
            let q = try quantiles(argument, steps)
            // The label tells the quantile, which may differ from step to step.
            let texts = q.map { openMetricsText($0) }
            for series in try quantile(q, groups, call.arguments[0], steps) {
                for value in Set(texts).sorted() {
                    var part = series
                    part.labels = series.labels.setting(label, to: value)
                    for step in texts.indices where texts[step] != value {
                        part.values[step] = .stalenessMarker
                    }
                    if !part.isEmpty { result.append(part) }
                }
            }
        }
        return try merged(result)
    }

    private func quantiles(
        _ argument: Expression,
        _ steps: Steps
    ) throws(QueryError) -> ContiguousArray<Double> {
        let values = try scalar(argument, steps)
        for q in values where !(q >= 0 && q <= 1) { warnQuantile(q, at: argument.range) }
        return values
    }

    private func quantile(
        _ q: ContiguousArray<Double>,
        _ groups: [BucketGroup],
        _ argument: Expression,
        _ steps: Steps
    ) throws(QueryError) -> [StepSeries] {
        var repairs: [String: MonotonicityNote] = [:]
        let result = try evaluate(groups, steps) { buckets, step, labels in
            var repair = BucketRepair()
            let value = bucketQuantile(q[step], &buckets, &repair)
            if repair.bounds != nil {
                repairs[labels.metricName, default: MonotonicityNote()]
                    .add(repair, steps.time(step))
            }
            return value
        }
        for (name, note) in repairs.sorted(by: { $0.key < $1.key }) {
            inform(note.message(name), at: argument.range)
        }
        return result
    }

    private func evaluate(
        _ groups: [BucketGroup],
        _ steps: Steps,
        _ function: (inout Buckets, Int, LabelSet) -> Double
    ) throws(QueryError) -> [StepSeries] {
        var result: [StepSeries] = []
        var buckets: Buckets = []
        for group in groups {
            var values = ContiguousArray<Double>.absent(steps.count)
            for step in 0..<steps.count {
                group.present(step, &buckets)
                if !buckets.isEmpty { values[step] = function(&buckets, step, group.labels) }
            }
            try checkTime()
            let one = StepSeries(labels: group.labels, values: values)
            if !one.isEmpty { result.append(one) }
        }
        return try droppingNames(result)
    }

    /// Sorts series into histograms by their labels but `le`.
    private func bucketGroups(
        _ argument: Expression,
        _ steps: Steps
    ) throws(QueryError) -> [BucketGroup] {
        let label = Symbol("le")
        var numbers = LabelGroups(.allBut([label]))
        var bounds: [Symbol: Double?] = [:]
        var groups: [BucketGroup] = []
        for series in try vector(argument, steps) {
            let written = series.labels[label] ?? .empty
            let known = bounds[written]
            let read = known ?? goNumber(written.text)
            if known == nil { bounds[written] = .some(read) }
            guard let bound = read else {
                warn(
                    named(
                        "bucket label \"le\" is missing or has a malformed value of"
                            + " \(quoted(written.text))",
                        series.labels.metricName
                    ),
                    at: argument.range
                )
                continue
            }
            let place = numbers.number(of: series.labels)
            if place == groups.count {
                groups.append(BucketGroup(labels: numbers.labels(of: place)))
            }
            groups[place].buckets.append((bound, series.values))
        }
        for index in groups.indices { groups[index].buckets.sort { $0.bound < $1.bound } }
        return groups
    }
}

/// A message that names the metric where it is known.
func named(_ message: String, _ metric: String) -> String {
    metric.isEmpty ? message : "\(message) for metric name \(quoted(metric))"
}

/// Reads a number as Go's `ParseFloat` does; nil where it is none.
private func goNumber(_ text: String) -> Double? {
    let plain = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text[...]
    let sign = text.hasPrefix("-") ? -1.0 : 1.0
    switch plain.lowercased() {
    case "inf", "infinity": return sign * .infinity
    case "nan": return plain.count == text.count ? .nan : nil
    default: break
    }
    guard let first = plain.utf8.first, first == 46 || (48...57).contains(first) else { return nil }
    return Double(plain).map { sign * $0 }
}
