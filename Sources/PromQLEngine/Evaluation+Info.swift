// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

/// The labels that say whose information a series has.
private let identifying: Set = [Symbol("instance"), Symbol("job")]

/// What the second argument of `info` asks for.
private struct InfoSelection {
    /// The conditions on the name of info series.
    var names: [Matcher]
    /// The conditions on other labels, which are also the ones to add; all are where it is empty.
    var data: [Matcher]

    init(_ argument: Expression?) {
        var matchers: [Matcher] = []
        if case .vectorSelector(let node)? = argument?.unparenthesized { matchers = node.matchers }
        data = matchers.filter { $0.name != .metricName }
        names = matchers.filter { $0.name == .metricName }
        if names.isEmpty {
            names = [Matcher("__name__", equals: "target_info")]
        } else if names.allSatisfy({ $0.kind == .notEqual || $0.kind == .matchesNot }),
            let suffix = try? Matcher("__name__", .matches, ".+_info")
        {
            // What is merely not named is no info metric for that.
            names.append(suffix)
        }
    }

    /// Whether a series is itself one that others are enriched by.
    func isInfo(_ labels: LabelSet) -> Bool { names.allSatisfy { $0.matches(labels) } }

    /// Whether a series stays where there is no information on it.
    var isOptional: Bool { data.allSatisfy { $0.matches("") } }

    /// Whether a label of an info series is added.
    func adds(_ label: Label) -> Bool {
        label.name != .metricName && (data.isEmpty || data.contains { $0.name == label.name })
    }
}

extension Evaluation {
    /// Evaluates `info`, which adds labels of info series with the same `instance` and `job`.
    ///
    /// Source: Prometheus, promql/info.go.
    func info(_ call: Call, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        let selection = InfoSelection(call.arguments.count > 1 ? call.arguments[1] : nil)
        let base = try vector(call.arguments[0], steps)
        var sources: [LabelSet: [[StepSeries]]] = [:]
        if var selector = call.arguments[0].selectors.first,
            base.contains(where: { !$0.labels.keeping(identifying).isEmpty })
        {
            // The information is of the moment that the series are of.
            selector.matchers = selection.names + selection.data
            var names: [LabelSet: [LabelSet: Int]] = [:]
            for series in try select(selector, steps, asTimes: true) {
                let key = series.labels.keeping(identifying)
                let name = series.labels.keeping([.metricName])
                if let place = names[key]?[name] {
                    sources[key]?[place].append(series)
                } else {
                    names[key, default: [:]][name] = sources[key]?.count ?? 0
                    sources[key, default: []].append([series])
                }
            }
        }
        var result: [StepSeries] = []
        for series in base {
            if selection.isInfo(series.labels) {
                result.append(series)
            } else {
                let key = series.labels.keeping(identifying)
                let found = key.isEmpty ? [] : sources[key] ?? []
                result += try enriched(series, found, selection)
            }
        }
        try checkTime()
        return try merged(result)
    }

    /// A series with the labels of its info series, which may change from step to step.
    private func enriched(
        _ series: StepSeries,
        _ sources: [[StepSeries]],
        _ selection: InfoSelection
    ) throws(QueryError) -> [StepSeries] {
        var places: [[Int]: Int] = [:]
        var result: [StepSeries] = []
        for (step, value) in series.values.enumerated() where !value.isStalenessMarker {
            var chosen: [Int] = []
            for candidates in sources { chosen.append(try newest(candidates, step) ?? -1) }
            if !selection.isOptional, chosen.allSatisfy({ $0 < 0 }) { continue }
            let place = places[chosen, default: result.count]
            if place == result.count {
                places[chosen] = place
                let infos = zip(sources, chosen).compactMap { $1 < 0 ? nil : $0[$1].labels }
                var one = series
                one.labels = try joined(series.labels, infos, selection)
                one.values = .absent(series.values.count)
                result.append(one)
            }
            result[place].values[step] = value
        }
        return result
    }

    /// The series whose sample is the newest; the values are the samples' times.
    private func newest(_ candidates: [StepSeries], _ step: Int) throws(QueryError) -> Int? {
        var found: Int?
        for (index, candidate) in candidates.enumerated() {
            let time = candidate.values[step]
            guard !time.isStalenessMarker else { continue }
            guard let best = found else {
                found = index
                continue
            }
            let other = candidates[best]
            if other.values[step] == time {
                let moment = Int64(time * 1_000)
                throw .execution(
                    "found duplicate series for info metric: existing \(braced(other.labels))"
                        + " @ \(moment), new \(braced(candidate.labels)) @ \(moment)"
                )
            }
            if other.values[step] < time { found = index }
        }
        return found
    }

    private func joined(
        _ labels: LabelSet,
        _ infos: [LabelSet],
        _ selection: InfoSelection
    ) throws(QueryError) -> LabelSet {
        var added: [Symbol: Symbol] = [:]
        for label in infos.flatMap(\.labels) where selection.adds(label) {
            if let known = added[label.name], known != label.value {
                throw .execution("conflicting label: \(label.name.text)")
            }
            if labels[label.name] == nil { added[label.name] = label.value }
        }
        return added.reduce(labels) { $0.setting($1.key, to: $1.value) }
    }
}
