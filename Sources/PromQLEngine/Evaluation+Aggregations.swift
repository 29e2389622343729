// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc
internal import PromQLSyntax
internal import Samples

extension Evaluation {
    /// Evaluates an aggregation.
    func aggregate(_ node: Aggregate, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        let input = try vector(node.expression, steps)
        let names = Set(node.grouping.map { Symbol($0) })
        let dropped = names.union([.metricName, .metricType, .metricUnit])
        var groups = LabelGroups(node.isWithout ? .allBut(dropped) : .only(names))
        var numbers = ContiguousArray<Int>()
        numbers.reserveCapacity(input.count)
        for series in input { numbers.append(groups.number(of: series.labels)) }
        let members = GroupMembers(numbers, count: groups.count)
        var parameter: ContiguousArray<Double> = []
        if let expression = node.parameter, expression.type == .scalar {
            parameter = try scalar(expression, steps)
        }
        switch node.operation {
        case .topk, .bottomk, .limitk: return try choose(node, input, members, parameter)
        case .countValues: return try countValues(node, input, groups, members, steps)
        case .limitRatio: return try limitRatio(node, input, parameter)
        default: break
        }
        if node.operation == .quantile, let place = node.parameter?.range {
            // Prometheus looks at the extremes of all steps only, and NaN is both.
            let hasNaN = parameter.contains(where: \.isNaN)
            let extremes = hasNaN ? [.nan] : [parameter.max() ?? 0, parameter.min() ?? 0]
            for q in extremes where !(q >= 0 && q <= 1) { warnQuantile(q, at: place) }
        }
        let keepsName = !node.isWithout && names.contains(.metricName)
        var result: [StepSeries] = []
        result.reserveCapacity(groups.count)
        for group in 0..<groups.count {
            let series = members[group].lazy.map { input[$0].values }
            let values =
                node.operation.aggregate(series, steps.count) ?? quantiles(parameter, Array(series))
            try checkTime()
            let first = members[group].first.map { input[$0] }
            result.append(
                StepSeries(
                    labels: groups.labels(of: group),
                    dropsName: keepsName && first?.dropsName == true,
                    values: values
                )
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
        _ groups: LabelGroups,
        _ members: GroupMembers,
        _ steps: Steps
    ) throws(QueryError) -> [StepSeries] {
        guard let parameter = node.parameter, case .string(let label) = parameter.unparenthesized
        else { return [] }
        guard isName(label.value) else {
            throw .execution("invalid label name \(written(label))")
        }
        var counts = ValueCounts(stepCount: steps.count)
        // The value becomes a label before the groups are made, and may be grouped away itself.
        let isGroupedAway =
            node.isWithout && (node.grouping + ["__name__"]).contains(label.value)
        for group in 0..<members.count {
            let labels = groups.labels(of: group)
            counts.begin { value in
                labels.setting(label.value, to: isGroupedAway ? "" : plainText(value))
            }
            for index in members[group] { counts.take(input[index].values) }
            try checkTime()
        }
        return counts.result
    }
}

/// How often each value occurs in a group, at each step.
private struct ValueCounts {
    private(set) var result: [StepSeries] = []
    private let stepCount: Int
    private var groups = LabelGroups(.all)
    /// Where the counts of a value are in the result: its text is made once.
    private var places: [UInt64: Int] = [:]
    private var labels: (Double) -> LabelSet = { _ in .empty }

    init(stepCount: Int) { self.stepCount = stepCount }

    /// Goes on with another group, in which a value has these labels.
    mutating func begin(_ labels: @escaping (Double) -> LabelSet) {
        self.labels = labels
        places = [:]
    }

    /// Counts a series' values.
    mutating func take(_ values: ContiguousArray<Double>) {
        for (step, value) in values.enumerated() where !value.isStalenessMarker {
            let place = place(of: value)
            let count = result[place].values[step]
            result[place].values[step] = count.isStalenessMarker ? 1 : count + 1
        }
    }

    private mutating func place(of value: Double) -> Int {
        if let place = places[value.bitPattern] { return place }
        let labels = labels(value)
        let place = groups.number(of: labels)
        if place == result.count {
            result.append(StepSeries(labels: labels, values: .absent(stepCount)))
        }
        places[value.bitPattern] = place
        return place
    }
}
