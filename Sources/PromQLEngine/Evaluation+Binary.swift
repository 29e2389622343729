// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc
internal import PromQLSyntax
internal import Samples

extension BinaryOperator {
    /// The value of an arithmetic operation; of a comparison, whether it holds as 1 or 0.
    func apply(_ a: Double, _ b: Double) -> Double {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .modulo: fmod(a, b)
        case .power: pow(a, b)
        case .atan2: Glibc.atan2(a, b)
        case .equal: a == b ? 1 : 0
        case .notEqual: a != b ? 1 : 0
        case .greater: a > b ? 1 : 0
        case .less: a < b ? 1 : 0
        case .greaterOrEqual: a >= b ? 1 : 0
        case .lessOrEqual: a <= b ? 1 : 0
        case .and, .or, .unless, .trimLower, .trimUpper: .nan
        }
    }
}

extension Evaluation {
    /// Evaluates a binary operation.
    func binary(_ node: Binary, _ steps: Steps) throws(QueryError) -> StepValue {
        if node.operation == .trimLower || node.operation == .trimUpper { return .vector([]) }
        let left = try evaluate(node.left, steps)
        let right = try evaluate(node.right, steps)
        switch (left, right) {
        case (.scalar(let a), .scalar(let b)):
            return .scalar(ContiguousArray(zip(a, b).map { node.operation.apply($0, $1) }))
        case (.vector(let series), .scalar(let numbers)):
            return .vector(try combine(node, series, numbers, isSwapped: false))
        case (.scalar(let numbers), .vector(let series)):
            return .vector(try combine(node, series, numbers, isSwapped: true))
        case (.vector(let a), .vector(let b)):
            guard let matching = node.matching, matching.fillLeft == nil, matching.fillRight == nil
            else {
                throw unsupported("fill modifiers")
            }
            if node.operation.isSet { return .vector(join(node.operation, a, b, matching)) }
            return .vector(try match(node, a, b, matching, steps))
        default: throw QueryError(kind: .execution, message: "a text has no place here")
        }
    }

    /// A comparison without `bool` keeps values and names; all else drops the name.
    private func combine(
        _ node: Binary,
        _ series: [StepSeries],
        _ numbers: ContiguousArray<Double>,
        isSwapped: Bool
    ) throws(QueryError) -> [StepSeries] {
        let filters = node.operation.isComparison && !node.returnsBool
        var result = series
        for index in result.indices {
            for step in numbers.indices {
                let value = result[index].values[step]
                guard !value.isStalenessMarker else { continue }
                let outcome =
                    isSwapped
                    ? node.operation.apply(numbers[step], value)
                    : node.operation.apply(value, numbers[step])
                result[index].values[step] =
                    filters ? (outcome == 1 ? value : .stalenessMarker) : outcome
            }
        }
        return filters ? result.filter { !$0.isEmpty } : try droppingNames(result)
    }

    private func signature(_ labels: LabelSet, _ matching: VectorMatching) -> LabelSet {
        let names = Set(matching.labels.map { Symbol($0) })
        return matching.isOn ? labels.keeping(names) : labels.removing(names.union([.metricName]))
    }

    private func join(
        _ operation: BinaryOperator,
        _ a: [StepSeries],
        _ b: [StepSeries],
        _ matching: VectorMatching
    ) -> [StepSeries] {
        func presence(_ side: [StepSeries]) -> [LabelSet: ContiguousArray<Bool>] {
            var result: [LabelSet: ContiguousArray<Bool>] = [:]
            for one in side {
                let key = signature(one.labels, matching)
                let present = ContiguousArray(one.values.map { !$0.isStalenessMarker })
                guard let known = result[key] else {
                    result[key] = present
                    continue
                }
                result[key] = ContiguousArray(zip(known, present).map { $0 || $1 })
            }
            return result
        }
        func filter(_ side: [StepSeries], by other: [StepSeries], keeps: Bool) -> [StepSeries] {
            let present = presence(other)
            return side.map { one in
                var one = one
                let mask = present[signature(one.labels, matching)]
                for step in one.values.indices where (mask?[step] ?? false) != keeps {
                    one.values[step] = .stalenessMarker
                }
                return one
            }
            .filter { !$0.isEmpty }
        }
        switch operation {
        case .and: return filter(a, by: b, keeps: true)
        case .unless: return filter(a, by: b, keeps: false)
        default: return a + filter(b, by: a, keeps: false)
        }
    }

    private func match(
        _ node: Binary,
        _ left: [StepSeries],
        _ right: [StepSeries],
        _ matching: VectorMatching,
        _ steps: Steps
    ) throws(QueryError) -> [StepSeries] {
        let isSwapped = matching.cardinality == .oneToMany
        let (many, one) = isSwapped ? (right, left) : (left, right)
        let filters = node.operation.isComparison && !node.returnsBool
        var partners: [LabelSet: [Int]] = [:]
        for (index, series) in one.enumerated() {
            partners[signature(series.labels, matching), default: []].append(index)
        }
        try refuseDuplicates(one, many, partners, isSwapped: isSwapped)
        var taken: [LabelSet: ContiguousArray<Bool>] = [:]
        var places: [LabelSet: Int] = [:]
        var result: [StepSeries] = []
        for series in many {
            let key = signature(series.labels, matching)
            for partner in partners[key] ?? [] {
                let labels = resultLabels(series, one[partner], node, matching)
                for step in 0..<steps.count {
                    let (m, o) = (series.values[step], one[partner].values[step])
                    if m.isStalenessMarker || o.isStalenessMarker { continue }
                    let (a, b) = isSwapped ? (o, m) : (m, o)
                    let outcome = node.operation.apply(a, b)
                    if filters && outcome != 1 { continue }
                    let isOneToOne = matching.cardinality == .oneToOne
                    let owner = isOneToOne ? key : labels
                    if taken[owner, default: ContiguousArray(repeating: false, count: steps.count)][
                        step
                    ] {
                        throw QueryError(
                            kind: .execution,
                            message: "multiple matches for labels: "
                                + (isOneToOne
                                    ? "many-to-one matching must be explicit (group_left/group_right)"
                                    : "grouping labels must ensure unique matches")
                        )
                    }
                    taken[owner, default: ContiguousArray(repeating: false, count: steps.count)][
                        step
                    ] = true
                    let place = places[labels, default: result.count]
                    if place == result.count {
                        places[labels] = place
                        let drops = !filters && delaysNames
                        result.append(
                            StepSeries(
                                labels: labels,
                                dropsName: drops || series.dropsName,
                                values: .absent(steps.count)
                            )
                        )
                    }
                    result[place].values[step] = filters ? a : outcome
                }
            }
        }
        return result
    }

    private func refuseDuplicates(
        _ one: [StepSeries],
        _ many: [StepSeries],
        _ partners: [LabelSet: [Int]],
        isSwapped: Bool
    ) throws(QueryError) {
        for (key, indices) in partners where indices.count > 1 {
            for step in one[indices[0]].values.indices {
                let present = indices.filter { !one[$0].values[step].isStalenessMarker }
                guard present.count > 1,
                    many.contains(where: { !$0.values[step].isStalenessMarker })
                else { continue }
                let side = isSwapped ? "left" : "right"
                throw QueryError(
                    kind: .execution,
                    message: "found duplicate series for the match group \(braced(key)) on the"
                        + " \(side) hand-side of the operation: [\(braced(one[present[1]].labels)),"
                        + " \(braced(one[present[0]].labels))];many-to-many matching not allowed:"
                        + " matching labels must be unique on one side"
                )
            }
        }
    }

    private func braced(_ labels: LabelSet) -> String {
        "{" + labels.pairs.map { "\($0.name)=\(quoted($0.value))" }.joined(separator: ", ") + "}"
    }

    private func resultLabels(
        _ many: StepSeries,
        _ one: StepSeries,
        _ node: Binary,
        _ matching: VectorMatching
    ) -> LabelSet {
        let keepsName = node.operation.isComparison && !node.returnsBool
        var labels = many.labels
        if !keepsName && !delaysNames { labels = labels.withoutMetricName }
        if matching.cardinality == .oneToOne {
            let names = Set(matching.labels.map { Symbol($0) })
            labels = matching.isOn ? labels.keeping(names) : labels.removing(names)
        }
        for name in matching.included {
            labels = labels.setting(Symbol(name), to: one.labels[Symbol(name)] ?? .empty)
        }
        return labels
    }
}
