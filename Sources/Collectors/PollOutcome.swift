// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples
internal import Storage

/// How a poll, or a part of it, failed.
public struct PollFailure: Error, Sendable, Hashable {
    /// The reason out of the closed set.
    public var reason: FailureReason
    /// One line for people, without secrets: what was tried, and why it failed.
    public var message: String

    /// Makes a failure.
    public init(_ reason: FailureReason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

/// How one part of a poll went (locks, replication, slow log).
public struct PartOutcome: Sendable, Hashable {
    /// The part's name, the value of the label `collector`.
    public var name: String
    /// Nil where it succeeded.
    public var failure: PollFailure?

    /// Makes the outcome of a part.
    public init(_ name: String, failure: PollFailure? = nil) {
        self.name = name
        self.failure = failure
    }
}

/// What one poll of one target gave; each poll has exactly one.
///
/// A poll that failed may carry families all the same: those that say so, such as `pg_up 0`. Every
/// other series of the target ends with a staleness marker.
public struct PollOutcome: Sendable, Hashable {
    /// The metrics; their samples carry the slot's time unless they have their own.
    public var families: [MetricFamily]
    /// Nil where the poll succeeded.
    public var failure: PollFailure?
    /// The parts, each with `nightjar_collector_up`; empty for sources that have none.
    public var parts: [PartOutcome] = []
    /// Samples that the source left out because of its limits.
    public var droppedSamples = 0
    /// Families of which the poll shows a choice, such as the dearest statements.
    public var choices: Set<String> = []

    /// A poll that succeeded.
    public static func batch(
        _ families: [MetricFamily],
        parts: [PartOutcome] = [],
        droppedSamples: Int = 0,
        choices: Set<String> = []
    ) -> PollOutcome {
        PollOutcome(
            families: families,
            failure: nil,
            parts: parts,
            droppedSamples: droppedSamples,
            choices: choices
        )
    }

    /// Whether it and all its parts succeeded.
    var isWhole: Bool { failure == nil && parts.allSatisfy { $0.failure == nil } }

    /// Whether it told everything that the source has.
    private var isComplete: Bool { isWhole && droppedSamples == 0 }

    /// Since when new counters of this poll have counted; nil where that is not known.
    ///
    /// That is so where this poll and the one before were whole and asked for the same parts: what is
    /// new now was not there then, and did not only stay unseen.
    func birth(after last: PollOutcome?, at slot: Timestamp?) -> CounterBirth? {
        guard let last, let slot, isComplete, last.isComplete,
            parts.map(\.name) == last.parts.map(\.name)
        else { return nil }
        return CounterBirth(after: slot, except: choices)
    }

    /// A poll that failed, with the families that say so.
    public static func failure(
        _ reason: FailureReason,
        _ message: String,
        families: [MetricFamily] = []
    ) -> PollOutcome {
        PollOutcome(families: families, failure: PollFailure(reason, message))
    }
}
