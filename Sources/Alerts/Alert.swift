// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// A condition that holds, or has just ended: what rules hand to the notifier.
///
/// Annotations are texts and not symbols, because they change with each evaluation and symbols are
/// never freed.
public struct Alert: Sendable, Hashable {
    /// The identity: the labels of the series and of the rule, with `alertname`.
    public var labels: LabelSet
    /// What the rule's author says, expanded: `summary`, `description`, `impact` and others.
    public var annotations: [String: String]
    /// When it began to fire.
    public var startsAt: Timestamp
    /// When it ended; nil while it fires.
    public var endsAt: Timestamp?
    /// When a firing alert counts as ended if nobody renews it; nil where it never does.
    public var expiresAt: Timestamp?
    /// The evaluation, or the intake, that gave this state.
    public var updatedAt: Timestamp
    /// Where the expression can be looked at.
    public var generatorURL: String
    /// The value of the expression, the last one where the alert has ended.
    public var value: Double
    /// When the condition began to hold, before the rule's `for` had passed.
    public var activeAt: Timestamp
    /// The value when the condition began to hold; nil where nobody knows.
    public var firstValue: Double?
    /// The rule's expression; empty for alerts that came from outside.
    public var expression: String

    /// Makes an alert; `activeAt` is `startsAt` where nothing else is known.
    public init(
        labels: LabelSet,
        annotations: [String: String] = [:],
        startsAt: Timestamp,
        endsAt: Timestamp? = nil,
        expiresAt: Timestamp? = nil,
        updatedAt: Timestamp,
        generatorURL: String = "",
        value: Double = .nan,
        activeAt: Timestamp? = nil,
        firstValue: Double? = nil,
        expression: String = ""
    ) {
        self.labels = labels
        self.annotations = annotations
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.expiresAt = expiresAt
        self.updatedAt = updatedAt
        self.generatorURL = generatorURL
        self.value = value
        self.activeAt = activeAt ?? startsAt
        self.firstValue = firstValue
        self.expression = expression
    }

    /// The number that stands for the labels, the same in every process.
    public var fingerprint: UInt64 { labels.fingerprint }

    /// The fingerprint in 16 hexadecimal digits, as Alertmanager's API prints it.
    public var fingerprintText: String {
        let digits = String(fingerprint, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The label `alertname`; empty where there is none.
    public var name: String { labels["alertname"] }

    /// Whether it has ended, said or by silence, at a moment.
    public func isResolved(at now: Timestamp) -> Bool {
        if let endsAt { return endsAt <= now }
        return expiresAt.map { $0 <= now } ?? false
    }
}
