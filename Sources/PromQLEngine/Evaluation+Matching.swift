// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

extension LabelFilter {
    /// The labels that series of both sides are compared by.
    init(_ matching: VectorMatching) {
        let listed = Set(matching.labels.map { Symbol($0) })
        self = matching.isOn ? .only(listed) : .allBut(listed.union([.metricName]))
    }
}

/// The series of both sides that have one signature.
private struct MatchGroup {
    var many: [Int] = []
    var one: [Int] = []
}

/// Two series that may not be there at the same step.
private struct DuplicatePair {
    var step: Int
    var first: Int
    var second: Int

    func precedes(_ other: DuplicatePair) -> Bool { (step, second) < (other.step, other.second) }
}

/// An operation between two instant vectors whose series find each other by labels.
///
/// One side is "many" and the other "one": left and right, but for `group_right` the other way.
/// Source: Prometheus, promql/engine.go: `VectorBinop`, `resultMetric`.
struct VectorMatch {
    let node: Binary
    let matching: VectorMatching
    let delaysNames: Bool
    let stepCount: Int
    let many: [StepSeries]
    let one: [StepSeries]
    private let names: Set<Symbol>
    /// How the signature is made of a series' labels.
    private let key: LabelFilter
    private var result: [StepSeries] = []
    /// The label sets of the result, numbered by their places in it.
    private var places = LabelGroups(.all)
    /// The steps at which a group has a result, by its number.
    private var claimed: [Int: [Bool]] = [:]

    init(
        _ node: Binary,
        _ matching: VectorMatching,
        sides: (left: [StepSeries], right: [StepSeries]),
        stepCount: Int,
        delaysNames: Bool
    ) {
        self.node = node
        self.matching = matching
        self.delaysNames = delaysNames
        self.stepCount = stepCount
        let isSwapped = matching.cardinality == .oneToMany
        many = isSwapped ? sides.right : sides.left
        one = isSwapped ? sides.left : sides.right
        names = Set(matching.labels.map { Symbol($0) })
        key = LabelFilter(matching)
    }

    private var isSwapped: Bool { matching.cardinality == .oneToMany }
    private var isOneToOne: Bool { matching.cardinality == .oneToOne }

    /// The labels that both sides are compared by.
    private func signature(_ labels: LabelSet) -> LabelSet { key.apply(to: labels) }

    /// Evaluates the operation.
    mutating func run() throws(QueryError) -> [StepSeries] {
        if many.isEmpty && one.isEmpty { return [] }
        let fills = matching.fillLeft != nil || matching.fillRight != nil
        if !fills && (many.isEmpty || one.isEmpty) { return [] }
        let (groups, numbers) = grouped()
        try refuseDuplicates(groups, fills: fills)
        result.reserveCapacity(many.count)
        // Series of the "many" side come first and in their order, as the result's order shows.
        for (index, number) in numbers.enumerated() {
            try match(many[index], groups[number], number)
        }
        for group in groups { try fillMany(group) }
        return result
    }

    /// The series of both sides by signature, and the number of its group for each of "many".
    private func grouped() -> (groups: [MatchGroup], numbers: ContiguousArray<Int>) {
        var signatures = LabelGroups(key, capacity: one.count)
        var groups: [MatchGroup] = []
        func number(_ labels: LabelSet) -> Int {
            let number = signatures.number(of: labels)
            if number == groups.count { groups.append(MatchGroup()) }
            return number
        }
        for (index, series) in one.enumerated() { groups[number(series.labels)].one.append(index) }
        let numbers = ContiguousArray(many.map { number($0.labels) })
        for (index, number) in numbers.enumerated() { groups[number].many.append(index) }
        return (groups, numbers)
    }

    /// Joins a series of the "many" side with its partners, and with the value that fills gaps.
    private mutating func match(
        _ series: StepSeries,
        _ group: MatchGroup,
        _ number: Int
    ) throws(QueryError) {
        for index in group.one {
            let partner = one[index]
            let values = apply(series.values, partner.values)
            if isOneToOne, group.many.count > 1 { try claim(values, number) }
            try add(
                resultLabels(series.labels, partner.labels),
                dropsName: series.dropsName,
                values
            )
        }
        guard let fill = matching.fillRight else { return }
        var values = ContiguousArray<Double>(repeating: fill, count: stepCount)
        for index in group.one { values.clear(where: one[index].values, isPresent: true) }
        try add(
            resultLabels(series.labels, signature(series.labels)),
            dropsName: series.dropsName,
            apply(series.values, values)
        )
    }

    /// Notes the steps at which a signature has a result: one to one it can have only one, even where
    /// a comparison keeps names that tell results apart.
    private mutating func claim(
        _ values: ContiguousArray<Double>,
        _ number: Int
    ) throws(QueryError) {
        var steps = claimed.removeValue(forKey: number) ?? Array(repeating: false, count: stepCount)
        for (step, value) in values.enumerated() where !value.isStalenessMarker {
            guard !steps[step] else { throw ambiguity }
            steps[step] = true
        }
        claimed[number] = steps
    }

    private var ambiguity: QueryError {
        .execution(
            "multiple matches for labels: "
                + (isOneToOne
                    ? "many-to-one matching must be explicit (group_left/group_right)"
                    : "grouping labels must ensure unique matches")
        )
    }

    /// Joins series of the "one" side, where no partner is there, with the value that fills gaps.
    private mutating func fillMany(_ group: MatchGroup) throws(QueryError) {
        guard let fill = matching.fillLeft else { return }
        for index in group.one {
            var values = ContiguousArray<Double>(repeating: fill, count: stepCount)
            for partner in group.many { values.clear(where: many[partner].values, isPresent: true) }
            let labels = one[index].labels
            try add(
                resultLabels(signature(labels), labels),
                dropsName: false,
                apply(values, one[index].values)
            )
        }
    }

    private func apply(
        _ many: ContiguousArray<Double>,
        _ one: ContiguousArray<Double>
    ) -> ContiguousArray<Double> {
        let kept = node.returnsBool ? KeptSide.neither : .left
        return isSwapped
            ? node.operation.apply(one, many, keeping: kept)
            : node.operation.apply(many, one, keeping: kept)
    }

    /// Adds values to the series of these labels, which must not have any at the same steps.
    private mutating func add(
        _ labels: LabelSet,
        dropsName: Bool,
        _ values: ContiguousArray<Double>
    ) throws(QueryError) {
        guard let place = places.find(labels) else {
            guard values.contains(where: { !$0.isStalenessMarker }) else { return }
            _ = places.number(of: labels)
            let drops = dropsName || (delaysNames && node.returnsBool)
            result.append(StepSeries(labels: labels, dropsName: drops, values: values))
            return
        }
        for (step, value) in values.enumerated() where !value.isStalenessMarker {
            guard result[place].values[step].isStalenessMarker else {
                throw ambiguity
            }
            result[place].values[step] = value
        }
    }

    /// Fails where two series of the "one" side have one signature at the same step.
    ///
    /// Of several such pairs it is the one that is met first by going from step to step, as Prometheus
    /// does, and it is told in the order of its labels.
    private func refuseDuplicates(_ groups: [MatchGroup], fills: Bool) throws(QueryError) {
        var found: DuplicatePair?
        for group in groups where group.one.count > 1 {
            let end = found.map { $0.step + 1 } ?? stepCount
            guard let pair = duplicates(group, below: end, fills: fills) else { continue }
            if found.map({ pair.precedes($0) }) ?? true { found = pair }
        }
        guard let found else { return }
        let labels = [one[found.first].labels, one[found.second].labels].sorted()
        throw .execution(
            "found duplicate series for the match group \(braced(signature(labels[0])))"
                + " on the \(isSwapped ? "left" : "right") hand-side of the operation:"
                + " [\(labels.map(braced).joined(separator: ", "))]"
                + ";many-to-many matching not allowed: matching labels must be unique on one side"
        )
    }

    /// The first two series of a group that are there at the same step.
    private func duplicates(_ group: MatchGroup, below end: Int, fills: Bool) -> DuplicatePair? {
        for step in 0..<end {
            var first: Int?
            for index in group.one where !one[index].values[step].isStalenessMarker {
                guard let known = first else {
                    first = index
                    continue
                }
                // Without a series on the other side Prometheus does not look any further.
                guard fills || many.contains(where: { !$0.values[step].isStalenessMarker }) else {
                    break
                }
                return DuplicatePair(step: step, first: known, second: index)
            }
        }
        return nil
    }

    private func resultLabels(_ many: LabelSet, _ one: LabelSet) -> LabelSet {
        let keepsName = node.operation.isComparison && (!node.returnsBool || delaysNames)
        var labels = keepsName ? many : many.withoutMetadata
        if isOneToOne { labels = matching.isOn ? labels.keeping(names) : labels.removing(names) }
        for name in matching.included {
            labels = labels.setting(Symbol(name), to: one[Symbol(name)] ?? .empty)
        }
        return labels
    }
}

/// Labels in braces, the name among them.
func braced(_ labels: LabelSet) -> String {
    "{" + labels.pairs.map { "\($0.name)=\(quoted($0.value))" }.joined(separator: ", ") + "}"
}
