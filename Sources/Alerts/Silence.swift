// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// A wish of a person not to be told about some alerts for a while.
public struct Silence: Sendable, Hashable {
    /// Where a silence stands at a moment.
    public enum Phase: String, Sendable, Hashable {
        /// Its time has not come.
        case pending
        /// It mutes.
        case active
        /// Its time has passed.
        case expired
    }

    /// The identity, a UUID.
    public var id: String
    /// The conditions, all of which an alert's labels must fulfil.
    public var matchers: [Matcher]
    /// From when it mutes.
    public var startsAt: Timestamp
    /// Until when it mutes.
    public var endsAt: Timestamp
    /// When it was last changed.
    public var updatedAt: Timestamp
    /// Who made it.
    public var createdBy: String
    /// Why.
    public var comment: String

    /// Makes a silence.
    public init(
        id: String,
        matchers: [Matcher],
        startsAt: Timestamp,
        endsAt: Timestamp,
        updatedAt: Timestamp,
        createdBy: String,
        comment: String
    ) {
        self.id = id
        self.matchers = matchers
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.updatedAt = updatedAt
        self.createdBy = createdBy
        self.comment = comment
    }

    /// Where it stands at a moment.
    public func phase(at now: Timestamp) -> Phase {
        now < startsAt ? .pending : now < endsAt ? .active : .expired
    }

    /// Whether it mutes an alert with these labels at a moment.
    public func mutes(_ labels: LabelSet, at now: Timestamp) -> Bool {
        phase(at: now) == .active && matchers.allSatisfy { $0.matches(labels) }
    }
}
