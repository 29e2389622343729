// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Alerts
public import Samples
public import Storage
public import Telemetry

/// Settings that all groups share.
public struct RuleOptions: Sendable, Equatable {
    /// The interval of groups that set none.
    public var evaluationInterval: Duration
    /// A firing alert is handed to the notifier again after this time.
    public var resendDelay: Duration
    /// A resolved alert is remembered, and handed over again, for this long.
    public var resolvedRetention: Duration
    /// How far in the past expressions are evaluated, for groups that do not say.
    public var queryOffset: Duration
    /// Whether an alert goes on firing while the source of its series fails.
    public var holdsOnSourceFailure: Bool
    /// Labels of the installation, added to alerts that lack them.
    public var externalLabels: LabelSet
    /// Where people reach the daemon.
    public var externalURL: String

    /// Makes options; the defaults are Prometheus'.
    public init(
        evaluationInterval: Duration = .seconds(60),
        resendDelay: Duration = .seconds(60),
        resolvedRetention: Duration = .seconds(900),
        queryOffset: Duration = .zero,
        holdsOnSourceFailure: Bool = true,
        externalLabels: LabelSet = .empty,
        externalURL: String = ""
    ) {
        self.evaluationInterval = evaluationInterval
        self.resendDelay = resendDelay
        self.resolvedRetention = resolvedRetention
        self.queryOffset = queryOffset
        self.holdsOnSourceFailure = holdsOnSourceFailure
        self.externalLabels = externalLabels
        self.externalURL = externalURL
    }

    /// Prometheus' defaults.
    public static let standard = RuleOptions()
}

/// Why a rule could not be evaluated.
public struct RuleFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line: what was tried, and why it failed.
    public let message: String

    /// States a failure.
    public init(_ message: String) { self.message = message }

    /// The line.
    public var description: String { message }
}

/// What groups reach outside; the daemon joins it.
public struct RuleContext: Sendable {
    /// Begins the queries of one evaluation.
    public var openQueries: @Sendable () -> RuleQueries
    /// Where recorded samples go, and where the state of alerts is kept.
    public var store: SeriesStore
    /// Takes the alerts that the notifier must hear of.
    public var send: @Sendable ([Alert]) async -> Void
    /// Returns when the polls that are due at a moment have landed.
    public var pollsLanded: @Sendable (Timestamp) async -> Void
    /// Whether a source that gave series for an alert of these labels did not answer at a moment.
    ///
    /// Its series satisfied one of the conditions, which are those of the rule's selectors.
    public var isUnknown: @Sendable (LabelSet, [[Matcher]], Timestamp) -> Bool
    /// The time now.
    public var now: @Sendable () -> Timestamp
    /// The settings.
    public var options: RuleOptions
    /// The daemon's own metrics.
    public var telemetry: RuleTelemetry

    /// Joins what groups need.
    public init(
        store: SeriesStore,
        telemetry: Registry,
        options: RuleOptions = .standard,
        now: @escaping @Sendable () -> Timestamp,
        openQueries: @escaping @Sendable () -> RuleQueries,
        send: @escaping @Sendable ([Alert]) async -> Void,
        pollsLanded: @escaping @Sendable (Timestamp) async -> Void = { _ in },
        isUnknown: @escaping @Sendable (LabelSet, [[Matcher]], Timestamp) -> Bool = { _, _, _ in
            false
        }
    ) {
        self.store = store
        self.telemetry = RuleTelemetry(telemetry)
        self.options = options
        self.now = now
        self.openQueries = openQueries
        self.send = send
        self.pollsLanded = pollsLanded
        self.isUnknown = isUnknown
    }
}

/// The metrics of rules: `nightjar_rule_*`.
public struct RuleTelemetry: Sendable {
    let evaluations: Counter
    let failures: Counter
    let missed: Counter
    let duration: Gauge
    let lastEvaluation: Gauge
    let interval: Gauge
    let rules: Gauge
    let samples: Gauge
    let stateFailures: Counter

    /// Ends the gauges of a group; the counters stay, as counters do.
    func end(_ labels: LabelSet) {
        for gauge in [duration, lastEvaluation, interval, rules, samples] {
            gauge.remove { $0 == labels }
        }
    }

    init(_ registry: Registry) {
        evaluations = registry.counter(
            "nightjar_rule_evaluations_total",
            help: "Evaluations of rules."
        )
        failures = registry.counter(
            "nightjar_rule_evaluation_failures_total",
            help: "Evaluations of rules that failed."
        )
        missed = registry.counter(
            "nightjar_rule_group_iterations_missed_total",
            help: "Evaluations of a group that were skipped because one took too long."
        )
        duration = registry.gauge(
            "nightjar_rule_group_last_duration_seconds",
            help: "How long the last evaluation of a group took."
        )
        lastEvaluation = registry.gauge(
            "nightjar_rule_group_last_evaluation_timestamp_seconds",
            help: "When a group was last evaluated."
        )
        interval = registry.gauge(
            "nightjar_rule_group_interval_seconds",
            help: "The time between two evaluations of a group."
        )
        rules = registry.gauge("nightjar_rule_group_rules", help: "Rules of a group.")
        samples = registry.gauge(
            "nightjar_rule_group_last_evaluation_samples",
            help: "Samples that the last evaluation of a group gave."
        )
        stateFailures = registry.counter(
            "nightjar_rule_state_failures_total",
            help: "Times that the state of alerts could not be saved."
        )
    }
}
