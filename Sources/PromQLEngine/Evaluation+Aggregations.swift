// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc
internal import PromQLSyntax
internal import Samples

extension Evaluation {
    /// Evaluates an aggregation.
    func aggregate(_ node: Aggregate, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        let input = try vector(node.expression, steps)
        var groups: [LabelSet: Int] = [:]
        var members: [(labels: LabelSet, dropsName: Bool, series: [Int])] = []
        let names = Set(node.grouping.map { Symbol($0) })
        let dropped = names.union([.metricName, .metricType, .metricUnit])
        for (index, series) in input.enumerated() {
            let key =
                node.isWithout ? series.labels.removing(dropped) : series.labels.keeping(names)
            if let place = groups[key] {
                members[place].series.append(index)
                continue
            }
            groups[key] = members.count
            let dropsName = series.dropsName && !node.isWithout && names.contains(.metricName)
            members.append((key, dropsName, [index]))
        }
        var parameter: ContiguousArray<Double> = []
        if let expression = node.parameter, expression.type == .scalar {
            parameter = try scalar(expression, steps)
        }
        switch node.operation {
        case .topk, .bottomk, .limitk:
            return try choose(node, input, members.map(\.series), parameter)
        case .countValues:
            return try countValues(node, input, members.map { ($0.labels, $0.series) }, steps)
        case .limitRatio: return try limitRatio(node, input, parameter)
        default: break
        }
        if node.operation == .quantile, let place = node.parameter?.range {
            // Prometheus looks at the extremes of all steps only, and NaN is both.
            let hasNaN = parameter.contains(where: \.isNaN)
            let extremes = hasNaN ? [.nan] : [parameter.max() ?? 0, parameter.min() ?? 0]
            for q in extremes where !(q >= 0 && q <= 1) { warnQuantile(q, at: place) }
        }
        var result: [StepSeries] = []
        for group in members {
            let series = group.series.lazy.map { input[$0].values }
            let values =
                node.operation.aggregate(series, steps.count)
                ?? quantiles(parameter, group.series.map { input[$0].values })
            try checkTime()
            result.append(
                StepSeries(labels: group.labels, dropsName: group.dropsName, values: values)
            )
        }
        return result
    }

    /// Warns of a quantile outside 0...1.
    func warnQuantile(_ q: Double, at place: SourceRange) {
        warn("quantile value should be between 0 and 1, got \(goText(q))", at: place)
    }

    /// The quantile of the values at each step.
    private func quantiles(
        _ parameter: ContiguousArray<Double>,
        _ series: [ContiguousArray<Double>]
    ) -> ContiguousArray<Double> {
        var result = ContiguousArray<Double>.absent(parameter.count)
        var present: ContiguousArray<Double> = []
        present.reserveCapacity(series.count)
        for step in parameter.indices {
            present.removeAll(keepingCapacity: true)
            for values in series where !values[step].isStalenessMarker {
                present.append(values[step])
            }
            if !present.isEmpty { result[step] = quantile(parameter[step], sorting: &present) }
        }
        return result
    }

    private func countValues(
        _ node: Aggregate,
        _ input: [StepSeries],
        _ groups: [(labels: LabelSet, series: [Int])],
        _ steps: Steps
    ) throws(QueryError) -> [StepSeries] {
        guard let parameter = node.parameter, case .string(let label) = parameter.unparenthesized
        else { return [] }
        guard isName(label.value) else {
            throw .execution("invalid label name \(written(label))")
        }
        var places: [LabelSet: Int] = [:]
        var result: [StepSeries] = []
        // The value becomes a label before the groups are made, and may be grouped away itself.
        let isGroupedAway =
            node.isWithout && (node.grouping + ["__name__"]).contains(label.value)
        for group in groups {
            for index in group.series {
                for (step, value) in input[index].values.enumerated()
                where !value.isStalenessMarker {
                    let text = isGroupedAway ? "" : plainText(value)
                    let labels = group.labels.setting(label.value, to: text)
                    let place = places[labels, default: result.count]
                    if place == result.count {
                        places[labels] = place
                        result.append(StepSeries(labels: labels, values: .absent(steps.count)))
                    }
                    let count = result[place].values[step]
                    result[place].values[step] = count.isStalenessMarker ? 1 : count + 1
                }
            }
        }
        return result
    }
}
