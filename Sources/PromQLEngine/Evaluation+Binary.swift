// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

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
            guard let matching = node.matching else { return .vector([]) }
            if node.operation.isSet { return .vector(join(node.operation, a, b, matching)) }
            var match = VectorMatch(
                node,
                matching,
                sides: (a, b),
                stepCount: steps.count,
                delaysNames: delaysNames
            )
            return .vector(try match.run())
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
}
