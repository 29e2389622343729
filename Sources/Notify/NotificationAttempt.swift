// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Alerts
public import Samples

/// One attempt to deliver a message, as it is listed for people.
public struct NotificationAttempt: Sendable, Hashable {
    /// What came of an attempt, or of a message without one.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// The receiver took it.
        case delivered
        /// It is tried again.
        case retrying
        /// It was given up.
        case failed
        /// A newer message of the group took its place.
        case coalesced
    }

    /// The same over all attempts of one message.
    public let deliveryID: String
    /// The receiver's name.
    public let receiver: String
    /// The integration, as `slack[0]`.
    public let integration: String
    /// The group's labels.
    public let group: LabelSet
    /// Alertmanager's group key.
    public let groupKey: String
    /// Whether the message says `firing` or `resolved`.
    public let status: String
    /// Why it was sent, in Alertmanager's words.
    public let reason: String
    /// The labels of the alerts.
    public let alerts: [LabelSet]
    /// The number of the attempt, from 1; 0 where none was made.
    public let attempt: Int
    /// When it began.
    public let time: Timestamp
    /// How long it took.
    public let duration: Duration
    /// HTTP's status; nil where there was no answer.
    public let statusCode: Int?
    /// What went wrong; empty where nothing did.
    public let error: String
    /// What came of it.
    public let outcome: Outcome
}

/// An alert with what the notifier makes of it at a moment.
public struct AlertView: Sendable, Hashable {
    /// The alert.
    public let alert: Alert
    /// Who is told.
    public let receivers: [String]
    /// The silences that mute it.
    public let silencedBy: [String]
    /// The alerts that mute it, by fingerprint.
    public let inhibitedBy: [String]
    /// The time intervals that mute all its routes.
    public let mutedBy: [String]

    /// Whether anything mutes it.
    public var isSuppressed: Bool {
        !(silencedBy.isEmpty && inhibitedBy.isEmpty && mutedBy.isEmpty)
    }
}

/// A group with its alerts at a moment.
public struct GroupView: Sendable, Hashable {
    /// The labels that the group shares.
    public let labels: LabelSet
    /// Who is told.
    public let receiver: String
    /// Alertmanager's group key.
    public let key: String
    /// When changes are told next.
    public let nextFlush: Timestamp?
    /// The alerts.
    public let alerts: [AlertView]
}
