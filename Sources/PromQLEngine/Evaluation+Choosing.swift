// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

/// Aggregations that choose among series and leave labels and values alone.
extension Evaluation {
    /// Evaluates `topk`, `bottomk` and `limitk`.
    func choose(
        _ node: Aggregate,
        _ input: [StepSeries],
        _ groups: GroupMembers,
        _ parameter: ContiguousArray<Double>
    ) throws(QueryError) -> [StepSeries] {
        try checkCounts(parameter)
        var chosen = input
        for index in chosen.indices { chosen[index].values = .absent(parameter.count) }
        var order: [Int] = []
        for step in parameter.indices where parameter[step] >= 1 {
            let count = Int(min(parameter[step], 0x1p31))
            if step & 1023 == 0 { try checkTime() }
            for group in 0..<groups.count {
                for index in best(node.operation, input, groups[group], step, count) {
                    chosen[index].values[step] = input[index].values[step]
                    if parameter.count == 1 { order.append(index) }
                }
            }
        }
        return parameter.count == 1 ? order.map { chosen[$0] } : chosen.filter { !$0.isEmpty }
    }

    private func checkCounts(_ parameter: ContiguousArray<Double>) throws(QueryError) {
        // Where nothing can be chosen, nothing else is looked at.
        guard !parameter.allSatisfy({ $0 < 1 }) else { return }
        for count in parameter {
            if count.isNaN { throw .execution("Parameter value is NaN") }
            if count >= 0x1p63 { throw .execution("Scalar value \(goText(count)) overflows int64") }
            if count <= -0x1p63 {
                throw .execution("Scalar value \(goText(count)) underflows int64")
            }
        }
    }

    /// The chosen series of a group at a step, best first; NaN comes last.
    private func best(
        _ operation: AggregateOperator,
        _ input: [StepSeries],
        _ group: ArraySlice<Int>,
        _ step: Int,
        _ count: Int
    ) -> [Int] {
        if operation == .limitk {
            let present = group.lazy.filter { !input[$0].values[step].isStalenessMarker }
            return Array(present.prefix(count))
        }
        var best = BestValues(limit: count, isTop: operation == .topk)
        for index in group {
            let value = input[index].values[step]
            if !value.isStalenessMarker { best.add(index, value) }
        }
        return best.indices
    }

    /// Evaluates `limit_ratio`: a share of the series by the hash of their labels.
    ///
    /// A negative share is the complement of its positive. Source: Prometheus, promql/engine.go:
    /// `AddRatioSample`.
    func limitRatio(
        _ node: Aggregate,
        _ input: [StepSeries],
        _ parameter: ContiguousArray<Double>
    ) throws(QueryError) -> [StepSeries] {
        guard !parameter.contains(where: \.isNaN) else {
            throw .execution("Ratio value is NaN")
        }
        warnRatio(parameter, at: node.parameter?.range ?? node.range)
        var result: [StepSeries] = []
        for var series in input {
            let place = Double(series.labels.samplingHash) / 0x1p64
            for step in parameter.indices {
                let ratio = max(-1, min(1, parameter[step]))
                let isChosen = ratio >= 0 ? place < ratio : place >= 1 + ratio
                if !isChosen { series.values[step] = .stalenessMarker }
            }
            if !series.isEmpty { result.append(series) }
        }
        return result
    }

    private func warnRatio(_ parameter: ContiguousArray<Double>, at place: SourceRange) {
        for (value, cap) in [(parameter.max() ?? 0, 1.0), (parameter.min() ?? 0, -1.0)]
        where abs(value) > 1 && value * cap > 0 {
            warn(
                "ratio value should be between -1 and 1, got \(goText(value)),"
                    + " capping to \(goText(cap))",
                at: place
            )
        }
    }
}
