// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Alerts
public import Samples

/// How an alert of a rule stands.
public struct AlertReport: Sendable {
    /// The alert's labels, `alertname` included.
    public var labels: LabelSet
    /// The expanded annotations.
    public var annotations: [String: String]
    /// Pending or firing.
    public var phase: AlertPhase
    /// Since when the condition holds.
    public var activeAt: Timestamp
    /// Since when only `keep_firing_for` holds it.
    public var keepFiringSince: Timestamp?
    /// The expression's value.
    public var value: Double

    /// Makes a report.
    public init(
        labels: LabelSet,
        annotations: [String: String],
        phase: AlertPhase,
        activeAt: Timestamp,
        keepFiringSince: Timestamp? = nil,
        value: Double
    ) {
        self.labels = labels
        self.annotations = annotations
        self.phase = phase
        self.activeAt = activeAt
        self.keepFiringSince = keepFiringSince
        self.value = value
    }
}

/// What an alerting rule has beyond a recording one.
public struct AlertingReport: Sendable {
    /// The rule's `for`.
    public var pendingFor: Duration
    /// The rule's `keep_firing_for`.
    public var keepFiringFor: Duration
    /// The annotations as written.
    public var annotations: [String: String]
    /// The alerts that are pending or firing.
    public var alerts: [AlertReport]

    /// Makes a report.
    public init(
        pendingFor: Duration = .zero,
        keepFiringFor: Duration = .zero,
        annotations: [String: String] = [:],
        alerts: [AlertReport] = []
    ) {
        self.pendingFor = pendingFor
        self.keepFiringFor = keepFiringFor
        self.annotations = annotations
        self.alerts = alerts
    }

    /// The worst phase of the alerts.
    public var phase: AlertPhase {
        if alerts.contains(where: { $0.phase == .firing }) { return .firing }
        return alerts.isEmpty ? .inactive : .pending
    }
}

/// How a rule stands.
public struct RuleReport: Sendable {
    /// The alert's or the recorded metric's name.
    public var name: String
    /// The expression.
    public var query: String
    /// The labels as written.
    public var labels: [String: String]
    /// Why the last evaluation failed; nil where it did not.
    public var lastError: String?
    /// When it was evaluated last; nil before the first time.
    public var lastEvaluation: Timestamp?
    /// How long that took.
    public var evaluationTime: Duration
    /// Nil of a recording rule.
    public var alerting: AlertingReport?

    /// Makes a report.
    public init(
        name: String,
        query: String,
        labels: [String: String] = [:],
        lastError: String? = nil,
        lastEvaluation: Timestamp? = nil,
        evaluationTime: Duration = .zero,
        alerting: AlertingReport? = nil
    ) {
        self.name = name
        self.query = query
        self.labels = labels
        self.lastError = lastError
        self.lastEvaluation = lastEvaluation
        self.evaluationTime = evaluationTime
        self.alerting = alerting
    }

    /// `ok`, `err`, or `unknown` before the first evaluation.
    public var health: String {
        lastError != nil ? "err" : lastEvaluation == nil ? "unknown" : "ok"
    }
}

/// How a group of rules stands.
public struct RuleGroupReport: Sendable {
    /// The group's name.
    public var name: String
    /// The file it is in.
    public var file: String
    /// From evaluation to evaluation.
    public var interval: Duration
    /// How many series or alerts a rule may give; 0 sets no limit.
    public var limit: Int
    /// When it was evaluated last.
    public var lastEvaluation: Timestamp?
    /// How long that took.
    public var evaluationTime: Duration
    /// The rules in order.
    public var rules: [RuleReport]

    /// Makes a report.
    public init(
        name: String,
        file: String,
        interval: Duration,
        limit: Int = 0,
        lastEvaluation: Timestamp? = nil,
        evaluationTime: Duration = .zero,
        rules: [RuleReport] = []
    ) {
        self.name = name
        self.file = file
        self.interval = interval
        self.limit = limit
        self.lastEvaluation = lastEvaluation
        self.evaluationTime = evaluationTime
        self.rules = rules
    }
}

/// One attempt to deliver a notification.
public struct NotificationReport: Sendable {
    /// The same over all attempts of one delivery.
    public var deliveryID: String
    /// The receiver's name.
    public var receiver: String
    /// `slack`, `webhook` and so on.
    public var integration: String
    /// The group's key.
    public var group: String
    /// The names of the alerts.
    public var alerts: [String]
    /// 1 for the first.
    public var attempt: Int
    /// When it began.
    public var time: Timestamp
    /// How long it took.
    public var duration: Duration
    /// The answer's status; nil where none came.
    public var statusCode: Int?
    /// Why it failed; nil where it did not.
    public var error: String?
    /// `delivered`, `retrying`, `failed`, `coalesced`.
    public var outcome: String

    /// Makes a report.
    public init(
        deliveryID: String,
        receiver: String,
        integration: String,
        group: String,
        alerts: [String],
        attempt: Int,
        time: Timestamp,
        duration: Duration,
        statusCode: Int? = nil,
        error: String? = nil,
        outcome: String
    ) {
        self.deliveryID = deliveryID
        self.receiver = receiver
        self.integration = integration
        self.group = group
        self.alerts = alerts
        self.attempt = attempt
        self.time = time
        self.duration = duration
        self.statusCode = statusCode
        self.error = error
        self.outcome = outcome
    }
}

/// How a reload of the configuration went.
public struct ReloadReport: Sendable {
    /// Each is `FILE:LINE:COLUMN: ...`; none is success, and any leaves everything as it was.
    public var errors: [String]
    /// What was taken and shows only later.
    public var notes: [String]

    /// Makes a report, of success where it is empty.
    public init(errors: [String] = [], notes: [String] = []) {
        self.errors = errors
        self.notes = notes
    }

    /// The report of a program that ends.
    public static let stopping = ReloadReport(errors: ["nightjar is stopping"])
}
