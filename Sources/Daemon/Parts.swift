// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import EventIO
internal import HTTPFetch
internal import Locking
internal import Logging
internal import Notify
internal import PromQLEngine
internal import RemoteWrite
internal import Rules
internal import Samples
internal import Settings
internal import Storage
internal import Telemetry
internal import WebAPI

/// The parts of the daemon that live as long as it does; what runs on them changes by reloads.
struct Parts: Sendable {
    let telemetry: Registry
    let store: SeriesStore
    let board: PollBoard
    let engine: QueryEngine
    let pipeline: Pipeline
    let http: HTTPClient
    let ruleBoard: RuleGroups
    let log: Log
    /// Threads for what people ask, and for the pages of targets; rules keep the pool's.
    let queryWork = WorkPool(label: "queries", .queries)
    private let pollWork = WorkPool(label: "polls", .polls)
    private let processMeters: ProcessMeters
    /// The rule groups that run, or ran last, by their keys.
    private let groups = Lock<[String: GroupEvaluator]>([:])

    init(
        telemetry: Registry,
        store: SeriesStore,
        board: PollBoard,
        engine: QueryEngine,
        pipeline: Pipeline,
        http: HTTPClient,
        ruleBoard: RuleGroups,
        log: Log
    ) {
        self.telemetry = telemetry
        self.store = store
        self.board = board
        self.engine = engine
        self.pipeline = pipeline
        self.http = http
        self.ruleBoard = ruleBoard
        self.log = log
        processMeters = ProcessMeters(telemetry, version: Daemon.version)
    }

    /// Everything that runs until it is cancelled, under a configuration.
    func services(_ configured: Configured) -> [Service] {
        let interval = configured.settings.global.pollInterval
        let fixed = [
            Service(name: "storage", run: { await store.run() }),
            Service(
                name: "self-monitoring",
                version: .every(interval),
                run: { try await monitorItself(every: interval) }
            ),
            Service(
                name: "notifier",
                run: { await pipeline.run(clock: ContinuousClock(), now: wallClock) }
            ),
        ]
        return fixed + sources(configured.settings) + ruleGroups(configured)
            + senders(configured.settings)
    }

    private func senders(_ settings: Settings) -> [Service] {
        settings.remoteWrite.map { options in
            Service(name: "remote write \(options.name)", version: .remoteWrite(options)) {
                await send(options)
            }
        }
    }

    private func send(_ options: RemoteWriteOptions) async {
        while !Task.isCancelled {
            do {
                try await openSender(options).run()
            } catch {
                log(.warning, "remote write does not find its place", [Field("error", "\(error)")])
                try? await Task.sleep(for: .seconds(10))
            }
        }
    }

    private func openSender(_ options: RemoteWriteOptions) async throws -> WriteSender {
        var options = options
        options.userAgent = "Nightjar/\(Daemon.version)"
        return try await WriteSender.open(
            options,
            store: store,
            http: http,
            telemetry: telemetry,
            log: log,
            now: wallClock
        )
    }

    /// Lets storage keep what senders have not sent, before it runs.
    func holdSenders(_ settings: Settings) async throws {
        for options in settings.remoteWrite { _ = try await openSender(options) }
    }

    /// Ends the keeping of samples for engines that a configuration no longer has.
    func retireSenders(of former: Settings, notIn settings: Settings) async {
        let gone = Set(former.remoteWrite.map(\.name)).subtracting(settings.remoteWrite.map(\.name))
        for name in gone { await WriteSender.forget(name, in: store) }
    }

    /// One service a target.
    private func sources(_ settings: Settings) -> [Service] {
        var services = settings.postgres.map { source(.postgres($0), PostgresCollector($0)) }
        services += settings.redis.map { source(.redis($0), RedisCollector($0)) }
        services += settings.circuitBreakers.map {
            source(.breakers($0), BreakerCollector($0, client: http))
        }
        services += settings.kafka.map { source(.kafka($0), KafkaCollector($0)) }
        for var job in settings.scrapes {
            // A target is not started anew because its job got another one.
            let targets = job.targets
            job.targets = []
            services += targets.map {
                source(.scrape(job, $0), ScrapeCollector(job, target: $0, client: http))
            }
        }
        return services
    }

    private func source(_ version: ServiceVersion, _ collector: some Collector) -> Service {
        let context = CollectorContext(
            store: store,
            telemetry: telemetry,
            board: board,
            clock: PollClock(now: wallClock),
            log: log
        )
        return Service(name: "\(collector.target)", version: version) {
            // Known at once, so that rules wait for its first poll.
            board.add(
                collector.target,
                schedule: collector.schedule,
                description: collector.description
            )
            return { [pollWork] in
                await withTaskExecutorPreference(pollWork) { await collector.run(context) }
            }
        }
    }

    private func ruleGroups(_ configured: Configured) -> [Service] {
        let options = configured.settings.rules
        let context = ruleContext(options)
        return configured.ruleFiles.flatMap(\.groups).map { group in
            Service(name: "rules \(group.key)", version: .rules(group, options)) {
                let loop = GroupLoop(group, context: context, board: ruleBoard)
                let former = groups.withLock { $0.updateValue(loop.evaluator, forKey: group.key) }
                return { await loop.run(succeeding: former, clock: ContinuousClock()) }
            }
        }
    }

    /// Ends the alerts and series of groups that a configuration no longer has.
    func retireGroups(notIn configured: Configured) async {
        let kept = Set(configured.ruleFiles.flatMap(\.groups).map(\.key))
        let gone = groups.withLock { groups in
            let gone = groups.filter { !kept.contains($0.key) }
            groups = groups.filter { kept.contains($0.key) }
            return gone
        }
        for evaluator in gone.values { await evaluator.retire(at: wallClock()) }
        ruleBoard.keep(only: kept)
    }

    /// Rules see the samples through the engine, and the notifier through its pipeline.
    private func ruleContext(_ options: RuleOptions) -> RuleContext {
        RuleContext(
            store: store,
            telemetry: telemetry,
            options: options,
            now: wallClock,
            openQueries: { RuleQueries(engine.session()) },
            send: { await pipeline.receive($0, now: wallClock()) },
            pollsLanded: { await board.pollsLanded(due: $0, clock: PollClock(now: wallClock)) },
            isUnknown: { board.isUnknown($0, selectedBy: $1, at: $2) }
        )
    }

    /// Stores the daemon's own metrics, so that rules see them like any others.
    private func monitorItself(every interval: Duration) async throws {
        let target = TargetID(kind: "nightjar", name: "self")
        var last: Timestamp?
        var trimmed = wallClock()
        while true {
            // What scrapes and flushes freed since would stay with the process.
            if wallClock() - trimmed >= .seconds(60) {
                returnFreeMemory()
                trimmed = wallClock()
            }
            processMeters.measure()
            let now = wallClock()
            store.append(
                SampleBatch(time: now, families: telemetry.collect()),
                from: target,
                birth: last.map { CounterBirth(after: $0) }
            )
            last = now
            try await Task.sleep(for: interval)
        }
    }
}

extension SeriesStore {
    /// When the daemon last wrote of itself, where that is now or in the next hour.
    var lastOwnSample: Timestamp? {
        let now = wallClock()
        let matchers = [Matcher("__name__", equals: "nightjar_build_info")]
        let found = try? select(matchers, from: now, through: now + .seconds(3_600))
        return found?.compactMap { $0.times.last.map(Timestamp.init(milliseconds:)) }.max()
    }

    /// The labels of the series that fulfil conditions, of whatever time.
    var seriesEver: @Sendable ([Matcher]) -> [LabelSet] {
        { matchers in
            let (first, last) = (Timestamp(milliseconds: 0), wallClock())
            return (try? self.series([matchers], from: first, through: last)) ?? []
        }
    }
}
