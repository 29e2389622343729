// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
public import Samples

/// How the last evaluation of a rule went.
public enum RuleHealth: String, Sendable, Hashable {
    /// It has not been evaluated.
    case unknown
    /// It succeeded.
    case ok
    /// It failed.
    case err
}

/// A rule with what its last evaluation gave.
public struct RuleStatus: Sendable {
    /// The rule.
    public let rule: Rule
    /// How the last evaluation went.
    public internal(set) var health = RuleHealth.unknown
    /// Why the last evaluation failed; empty where it did not.
    public internal(set) var lastError = ""
    /// When it was last evaluated.
    public internal(set) var lastEvaluation: Timestamp?
    /// How long that took.
    public internal(set) var evaluationTime = Duration.zero
    /// Its alerts that are pending, firing or lately resolved, sorted by labels.
    public internal(set) var alerts: [ActiveAlert] = []
}

/// A group with what its last evaluation gave.
public struct GroupStatus: Sendable {
    /// The group.
    public let group: RuleGroup
    /// The time between two evaluations.
    public let interval: Duration
    /// Its rules.
    public internal(set) var rules: [RuleStatus]
    /// When it was last evaluated.
    public internal(set) var lastEvaluation: Timestamp?
    /// How long that took.
    public internal(set) var evaluationTime = Duration.zero
}

/// The state of all groups, for those who show it; each group publishes itself.
public final class RuleGroups: Sendable {
    private let statuses = Lock<[String: GroupStatus]>([:])

    /// Makes an empty board.
    public init() {}

    /// All groups by file and name.
    public var all: [GroupStatus] {
        statuses.withLock { $0.values.sorted { $0.group.key < $1.group.key } }
    }

    /// Sets what is known of a group.
    func publish(_ status: GroupStatus) {
        statuses.withLock { $0[status.group.key] = status }
    }

    /// Forgets the groups that the configuration no longer has.
    public func keep(only keys: Set<String>) {
        statuses.withLock { $0 = $0.filter { keys.contains($0.key) } }
    }
}
