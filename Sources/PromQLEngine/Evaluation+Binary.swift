// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

extension Evaluation {
    /// Evaluates a binary operation.
    func binary(_ node: Binary, _ steps: Steps) throws(QueryError) -> StepValue {
        let left = try evaluate(node.left, steps)
        let right = try evaluate(node.right, steps)
        switch (left, right) {
        case (.vector, _) where node.operation.isTrim, (_, .vector) where node.operation.isTrim:
            return .vector(trim(node, left, right))
        case (.scalar, .scalar) where node.operation.isTrim:
            let name = quoted(node.operation.rawValue)
            throw .execution("operator \(name) not allowed for Scalar operations")
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

    /// Cutting histograms gives nothing for numbers, and tells so where numbers meet.
    private func trim(_ node: Binary, _ left: StepValue, _ right: StepValue) -> [StepSeries] {
        func hasSamples(_ value: StepValue) -> Bool {
            if case .vector(let series) = value { return !series.isEmpty }
            return true
        }
        if hasSamples(left) && hasSamples(right) {
            let name = node.operation.rawValue
            inform(
                "incompatible sample types encountered for binary operator \(quoted(name)):"
                    + " float \(name) float",
                at: node.range
            )
        }
        return []
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
            let values = result[index].values
            result[index].values =
                isSwapped
                ? node.operation.apply(numbers, values, keeping: filters ? .right : .neither)
                : node.operation.apply(values, numbers, keeping: filters ? .left : .neither)
        }
        return filters ? result.filter { !$0.isEmpty } : try droppingNames(result)
    }

    /// Evaluates `and`, `or` and `unless`.
    private func join(
        _ operation: BinaryOperator,
        _ a: [StepSeries],
        _ b: [StepSeries],
        _ matching: VectorMatching
    ) -> [StepSeries] {
        let key = LabelFilter(matching)
        switch operation {
        case .and: return a.filtered(by: b, key, keeps: true)
        case .unless: return a.filtered(by: b, key, keeps: false)
        default: return a + b.filtered(by: a, key, keeps: false)
        }
    }
}

extension [StepSeries] {
    /// Keeps, or takes away, the values at steps where a series of the same signature has one.
    fileprivate func filtered(by other: Self, _ key: LabelFilter, keeps: Bool) -> Self {
        var signatures = LabelGroups(key, capacity: other.count)
        var present: [ContiguousArray<Double>] = []
        for series in other {
            let number = signatures.number(of: series.labels)
            if number == present.count {
                present.append(series.values)
            } else {
                present[number].fill(from: series.values)
            }
        }
        return compactMap { series in
            guard let number = signatures.find(series.labels) else { return keeps ? nil : series }
            var result = series
            result.values.clear(where: present[number], isPresent: !keeps)
            return result.isEmpty ? nil : result
        }
    }
}

extension ContiguousArray<Double> {
    /// Takes the other array's values where this one has none.
    fileprivate mutating func fill(from other: ContiguousArray<Double>) {
        var output = mutableSpan
        let input = other.span
        for step in output.indices where output[step].isStalenessMarker {
            output[step] = input[step]
        }
    }

    /// Takes the values away where the other array has some, or else where it has none.
    mutating func clear(where other: ContiguousArray<Double>, isPresent: Bool) {
        var output = mutableSpan
        let input = other.span
        for step in output.indices where input[step].isStalenessMarker != isPresent {
            output[step] = .stalenessMarker
        }
    }
}
