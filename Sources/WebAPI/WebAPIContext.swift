// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Collectors
public import HTTPServer
public import PromQLEngine
public import PromQLSyntax
public import RemoteWrite
public import Samples
public import Storage
public import Telemetry

/// What the program calls itself.
public struct BuildInformation: Sendable {
    /// The version, such as `0.1.0`.
    public var version: String
    /// The commit it was built from.
    public var revision: String

    /// Makes the information.
    public init(version: String, revision: String = "") {
        self.version = version
        self.revision = revision
    }
}

/// What the process runs on.
public struct RuntimeInformation: Sendable {
    /// The machine's name.
    public var host = ""
    /// The working directory.
    public var folder = ""
    /// How many processors there are.
    public var processors = 0
    /// How many threads run.
    public var threads = 0
    /// Whether the last reload took the new configuration.
    public var hasReloaded = true
    /// When a configuration was taken last.
    public var lastReload: Timestamp?

    /// Makes information that says nothing.
    public init() {}
}

/// What an expression gave.
public struct QueryAnswer: Sendable {
    /// The value, one case a type of PromQL.
    public enum Value: Sendable {
        /// One number.
        case scalar(Sample)
        /// One text.
        case string(String, Timestamp)
        /// One value a series.
        case vector([(labels: LabelSet, sample: Sample)])
        /// Many values a series.
        case matrix([SeriesSamples])
    }

    /// The value.
    public var value: Value
    /// What the reader should know.
    public var warnings: [String]
    /// What the reader may want to know.
    public var infos: [String]
    /// What the query cost.
    public var statistics: QueryStatistics

    /// Makes an answer.
    public init(
        _ value: Value,
        warnings: [String] = [],
        infos: [String] = [],
        statistics: QueryStatistics = QueryStatistics()
    ) {
        self.value = value
        self.warnings = warnings
        self.infos = infos
        self.statistics = statistics
    }
}

/// An expression with the text that it was parsed from, which warnings point into.
public struct Query: Sendable {
    /// The tree.
    public var expression: Expression
    /// The text.
    public var text: String
    /// What the query wants otherwise than the engine.
    public var options: QueryOptions

    /// Joins a tree, its text and its options.
    public init(_ expression: Expression, text: String, options: QueryOptions = .standard) {
        self.expression = expression
        self.text = text
        self.options = options
    }
}

/// Evaluates expressions; its errors are `APIError`, or they count as internal.
public struct QueryPort: Sendable {
    /// Evaluates at a moment.
    public var instant: @Sendable (Query, Timestamp) async throws -> QueryAnswer
    /// Evaluates from a moment through another, a step apart.
    public var range: @Sendable (Query, Timestamp, Timestamp, Duration) async throws -> QueryAnswer

    /// Evaluates at a moment where that takes next to no time; nil where it might take longer.
    public var atOnce: @Sendable (Query, Timestamp) -> QueryAnswer? = { _, _ in nil }

    /// Joins two evaluations.
    public init(
        instant: @escaping @Sendable (Query, Timestamp) async throws -> QueryAnswer,
        range:
            @escaping @Sendable (Query, Timestamp, Timestamp, Duration) async throws
            -> QueryAnswer
    ) {
        self.instant = instant
        self.range = range
    }
}

/// Everything that the HTTP API reads; the daemon joins it.
public struct WebAPIContext: Sendable {
    /// The samples.
    public var store: SeriesStore
    /// The latest poll of each target.
    public var board: PollBoard
    /// The daemon's own metrics.
    public var telemetry: Registry
    /// Evaluates expressions.
    public var queries: QueryPort
    /// The wall clock.
    public var now: @Sendable () -> Timestamp
    /// The rule groups with their rules and alerts, in the order of their files.
    public var rules: @Sendable () async -> [RuleGroupReport] = { [] }
    /// The attempts to deliver, the newest first.
    public var notifications: @Sendable () async -> [NotificationReport] = { [] }
    /// Reloads the configuration.
    public var reload: @Sendable () async -> ReloadReport = { ReloadReport() }
    /// Whether everything runs.
    public var isReady: @Sendable () -> Bool = { true }
    /// The configuration as text, without secrets.
    public var configuration: @Sendable () -> String = { "" }
    /// Takes remote write; nil where it is switched off.
    public var receiver: WriteReceiver?
    /// Labels of this stack, added to what is federated.
    public var externalLabels = LabelSet.empty
    /// How old a sample may be to count as its series' present value.
    public var lookback = Duration.seconds(300)
    /// Where answers are computed that may take long; nil lets them hold up everything else.
    public var longWork: (any TaskExecutor)?
    /// Who may ask; nil lets everyone.
    public var authentication: HTTPAuthentication?
    /// The command line's flags.
    public var flags: [String: String] = [:]
    /// When the process started.
    public var startTime: Timestamp
    /// What the process runs on.
    public var runtime: @Sendable () -> RuntimeInformation = { RuntimeInformation() }
    /// The addresses of the Alertmanagers that alerts are forwarded to.
    public var alertmanagers: [String] = []
    /// How long samples are kept.
    public var retention: String = "15d"
    /// What the program calls itself.
    public var build: BuildInformation

    /// Joins what cannot be absent; the rest is set after.
    public init(
        store: SeriesStore,
        board: PollBoard,
        telemetry: Registry,
        queries: QueryPort,
        now: @escaping @Sendable () -> Timestamp,
        build: BuildInformation
    ) {
        self.store = store
        self.board = board
        self.telemetry = telemetry
        self.queries = queries
        self.now = now
        self.build = build
        startTime = now()
    }
}
