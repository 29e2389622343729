// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// The metrics of one poll while they are gathered, by name and in the order of their first use.
///
/// A family holds a bounded number of series, and each series once: what a target says must not
/// fill the memory nor spoil the page for others.
struct FamilySet {
    /// Series of one family at most.
    private let limit: Int
    private let base: LabelSet
    private var order: [String] = []
    private var families: [String: MetricFamily] = [:]
    private var seen: Set<LabelSet> = []
    /// Samples left out, as duplicates or above the limit.
    private(set) var dropped = 0
    /// Families of which only a choice is gathered.
    private(set) var choices: Set<String> = []
    /// Whether what is added now is a choice of what the source has.
    var isChoice = false

    /// Makes an empty set whose series all carry `base`.
    init(base: LabelSet, limit: Int = 5_000) {
        self.base = base
        self.limit = limit
    }

    /// The families, in the order of their first use.
    var all: [MetricFamily] { order.compactMap { families[$0] } }

    /// Adds a sample named `name`, or like the family.
    mutating func add(
        _ family: Metric,
        _ value: Double,
        _ labels: [(String, String)] = [],
        sample name: String? = nil
    ) {
        if families[family.name] == nil {
            order.append(family.name)
            if isChoice { choices.insert(family.name) }
            families[family.name] = MetricFamily(
                name: family.name,
                kind: family.kind,
                help: family.help
            )
        }
        let pairs = base.pairs.map { ($0.name, $0.value) } + labels
        let set = LabelSet(pairs + [("__name__", name ?? family.name)])
        guard (families[family.name]?.samples.count ?? 0) < limit, seen.insert(set).inserted else {
            dropped += 1
            return
        }
        families[family.name]?.samples.append(SeriesSample(labels: set, value: value))
    }
}

/// A metric's name, kind and line of help.
struct Metric: Sendable, Hashable {
    let name: String
    let kind: MetricKind
    let help: String

    static func gauge(_ name: String, _ help: String) -> Metric {
        Metric(name: name, kind: .gauge, help: help)
    }

    static func counter(_ name: String, _ help: String) -> Metric {
        Metric(name: name, kind: .counter, help: help)
    }
}
