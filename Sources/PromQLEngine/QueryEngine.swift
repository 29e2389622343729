// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
public import PromQLSyntax
public import Samples
public import Storage
public import Telemetry

/// Evaluates expressions over a store.
public final class QueryEngine: Sendable {
    private let settings: Lock<EngineOptions>
    let store: SeriesStore
    let queries: Counter
    let gate: QueryGate
    /// When counters started, by series and by a sample's time, in milliseconds.
    ///
    /// The store does not keep it; test scripts tell it.
    let startTimes = Lock<[LabelSet: [Int64: Int64]]>([:])

    /// Makes an engine over a store; its own metrics go to `telemetry`.
    public init(
        store: SeriesStore,
        options: EngineOptions = .standard,
        telemetry: Registry = Registry()
    ) {
        self.store = store
        settings = Lock(options)
        gate = QueryGate(limit: options.maxConcurrent)
        queries = telemetry.counter(
            "nightjar_queries_total",
            help: "PromQL queries evaluated, those of rules included."
        )
    }

    /// The limits and defaults.
    public var options: EngineOptions { settings.withLock { $0 } }

    /// Changes the step of subqueries that name none.
    public func update(subqueryStep: Duration) {
        settings.withLock { $0.subqueryStep = subqueryStep }
    }

    /// Evaluates at one moment.
    ///
    /// - Throws: `QueryError` with the reason.
    @concurrent
    public func instant(
        _ expression: Expression,
        at time: Timestamp,
        text: String? = nil,
        options: QueryOptions = .standard
    ) async throws(QueryError) -> QueryResult {
        try await inTurn(options) { options throws(QueryError) in
            try self.session().instant(expression, at: time, text: text, options: options)
        }
    }

    /// Evaluates at `from` and at each `step` after it up to `through`.
    ///
    /// - Throws: `QueryError` with the reason.
    @concurrent
    public func range(
        _ expression: Expression,
        from: Timestamp,
        through: Timestamp,
        step: Duration,
        text: String? = nil,
        options: QueryOptions = .standard
    ) async throws(QueryError) -> QueryResult {
        try await inTurn(options) { options throws(QueryError) in
            try self.session().range(
                expression,
                from: from,
                through: through,
                step: step,
                text: text,
                options: options
            )
        }
    }

    /// Waits until the query may evaluate; what it waited goes off its time.
    private func inTurn(
        _ options: QueryOptions,
        _ body: (QueryOptions) throws(QueryError) -> QueryResult
    ) async throws(QueryError) -> QueryResult {
        let start = ContinuousClock.now
        let timeout = options.applied(to: self.options).timeout
        try await gate.enter(before: start + timeout)
        defer { gate.leave() }
        let waited = start.duration(to: .now)
        var rest = options
        rest.timeout = timeout - waited
        var result = try body(rest)
        result.statistics.queueTime = waited
        return result
    }

    /// Opens a session, whose queries share the series that they select.
    public func session() -> Session { Session(engine: self) }

    /// Queries that belong together, such as the rules of a group at one moment.
    ///
    /// A selector's series are read from the store once. Samples appended after that are not seen
    /// by later queries of the session, except through selectors not read before; a rule that needs
    /// what its predecessor recorded calls `forget` first.
    public final class Session: Sendable {
        private let engine: QueryEngine
        let selections = Lock<[[Matcher]: Selection]>([:])
        let moments = Lock<[[Matcher]: Moment]>([:])

        init(engine: QueryEngine) { self.engine = engine }

        /// Drops what was read of the series of this name, because it was appended to.
        public func forget(_ name: String) {
            func isOther(_ matchers: [Matcher]) -> Bool {
                !matchers.allSatisfy { $0.name != .metricName || $0.matches(name) }
            }
            selections.withLock { kept in kept = kept.filter { isOther($0.key) } }
            moments.withLock { kept in kept = kept.filter { isOther($0.key) } }
        }

        /// Evaluates at one moment.
        ///
        /// - Throws: `QueryError` with the reason.
        public func instant(
            _ expression: Expression,
            at time: Timestamp,
            text: String? = nil,
            options: QueryOptions = .standard
        ) throws(QueryError) -> QueryResult {
            engine.queries.add()
            let steps = Steps.instant(time.withinReach.milliseconds)
            let query = QueryContext(steps: steps, end: steps.end, text: text, options: options)
            return try Evaluation(session: self, engine: engine, query: query)
                .instantResult(expression)
        }

        /// Evaluates at `from` and at each `step` after it up to `through`.
        ///
        /// - Throws: `QueryError` with the reason.
        public func range(
            _ expression: Expression,
            from: Timestamp,
            through: Timestamp,
            step: Duration,
            text: String? = nil,
            options: QueryOptions = .standard
        ) throws(QueryError) -> QueryResult {
            engine.queries.add()
            let (from, through) = (from.withinReach, through.withinReach)
            let interval = step.milliseconds
            guard interval > 0, from <= through else {
                throw QueryError(
                    kind: .execution,
                    message: "the step and the range must not be empty"
                )
            }
            let length = through.milliseconds - from.milliseconds
            // Prometheus counts the steps between the points, so that it lets one point more pass.
            let count = Int(length / interval) + 1
            guard count - 1 <= engine.options.maxPoints else {
                throw QueryError(
                    kind: .tooManySamples,
                    message: "exceeded maximum resolution of \(engine.options.maxPoints) points"
                        + " per timeseries"
                )
            }
            let steps = Steps(start: from.milliseconds, interval: interval, count: count)
            let end = through.milliseconds
            let evaluation = Evaluation(
                session: self,
                engine: engine,
                query: QueryContext(steps: steps, end: end, text: text, options: options)
            )
            return try evaluation.rangeResult(expression)
        }
    }
}

/// Series that a selector read, with the times that were asked for.
struct Selection: Sendable {
    var from: Int64
    var through: Int64
    var series: [SeriesSamples]

    /// Whether it has all samples that a selector looks at.
    func covers(_ reach: Reach) -> Bool { from <= reach.from + 1 && through >= reach.through }
}

/// The newest samples that a selector found, with the times that were asked for.
struct Moment: Sendable {
    var from: Int64
    var through: Int64
    var samples: NewestSamples
}
