// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Alerts
public import HTTPFetch
public import Samples
internal import SourceText
public import Storage
public import Telemetry

/// The way of an alert to people: routed, grouped, muted, deduplicated, queued and delivered.
///
/// It protects the groups, the log of who knows what, and the outbox. Decisions are made by values
/// (`GroupState`, `NotificationDecision`, `RetryState`); what they decided is committed in one
/// transaction of the ledger before anything is sent. Each integration has a queue of its own with
/// one request at a time, so a hung receiver delays nobody else.
public actor Pipeline {
    struct Group {
        var node: RouteTree.Node
        var labels: LabelSet
        var ways: [Way]
        var state = GroupState()

        var timing: GroupState.Timing {
            GroupState.Timing(groupWait: node.groupWait, groupInterval: node.groupInterval)
        }
    }

    /// An integration that a group tells.
    struct Way {
        var integration: Integration
        /// Whether the configuration no longer names it: it is told of ends only.
        var isFormer = false
    }

    /// Sends one request; tests put something else in its place.
    typealias Transport =
        @Sendable (HTTPFetchRequest, Duration) async -> Result<Answer, HTTPFetchError>

    /// Deliveries that wait at most; beyond, the oldest of all is dropped and counted.
    static let mostDeliveries = 20_000
    /// After so long `run` looks again, whatever it waits for.
    static let longestWait = Duration.seconds(60)
    /// Attempts that are remembered for the list.
    static let mostAttempts = 2_000

    var options: NotifyOptions
    var tree: RouteTree
    var integrations: [String: [Integration]] = [:]
    var intervals: [String: NamedInterval] = [:]
    let ledger: Ledger
    let transport: Transport
    let meters: PipelineMeters

    var alerts: [LabelSet: Alert] = [:]
    var groups: [String: Group] = [:]
    /// Groups whose receivers are all former.
    var formerKeys: Set<String> = []
    /// The former integrations by id, for ends that are still to be delivered.
    var formerIntegrations: [String: Integration] = [:]
    /// The places of the log that the ledger keeps a former integration for.
    var formerPlaces: Set<String> = []
    /// The keys that groups had under earlier routes, by those that they would have now.
    var earlierKeys: [String: String] = [:]
    /// While routes are taken up or changed: the keys of groups that somebody knows of, by kin.
    var knownKeys: [String: [String]] = [:]
    var log: [String: LogEntry] = [:]
    var silenceTable: [String: Silence] = [:]
    var outbox: [Delivery] = []
    var attempts: [NotificationAttempt] = []
    var busy: Set<String> = []
    var inFlight: Set<String> = []
    var pausedUntil: [String: Timestamp] = [:]
    var changes: [LedgerChange] = []
    private var isWoken = false
    private var waker: AsyncStream<Void>.Continuation?

    init(
        options: NotifyOptions,
        ledger: Ledger,
        telemetry: Registry,
        transport: @escaping Transport
    ) {
        self.options = options
        self.ledger = ledger
        self.transport = transport
        meters = PipelineMeters(telemetry)
        tree = RouteTree(options.route)
        (integrations, intervals) = Self.tables(options)
    }

    /// Makes a pipeline; `load` takes up what was left, `run` does the work.
    public init(
        options: NotifyOptions,
        ledger: Ledger,
        http: HTTPClient,
        telemetry: Registry
    ) {
        self.init(
            options: options,
            ledger: ledger,
            telemetry: telemetry,
            transport: Self.transport(over: http)
        )
    }

    /// Takes up alerts, log, silences and outbox where they were left.
    ///
    /// A firing alert is given time to be renewed, however long nobody could.
    ///
    /// - Throws: `StorageError` where the ledger cannot be read.
    public func load(now: Timestamp) async throws(StorageError) {
        for (key, value) in try await ledger.load(Space.silences) {
            guard let record = try? JSONValue.parse(value) else { continue }
            silenceTable[key] = Silence(id: key, record: record)
        }
        for (key, value) in try await ledger.load(Space.log) {
            guard let record = try? JSONValue.parse(value) else { continue }
            log[key] = LogEntry(record: record, now: now)
        }
        for (key, value) in try await ledger.load(Space.outbox) {
            guard let record = try? JSONValue.parse(value),
                var delivery = Delivery(id: key, record: record)
            else { continue }
            delivery.retry.wait(atMost: options.retry.longestRetryAfter, at: now)
            outbox.append(delivery)
        }
        for (key, value) in try await ledger.load(Space.keys) {
            earlierKeys[key] = String(decoding: value, as: UTF8.self)
        }
        rememberKeys()
        for (_, value) in try await ledger.load(Space.alerts) {
            guard let record = try? JSONValue.parse(value), var alert = Alert(record: record)
            else { continue }
            // The clock may have been set back since; news are never older than what is known.
            alert.updatedAt = min(alert.updatedAt, now)
            alert.endsAt = alert.endsAt.map { min($0, now) }
            if alert.endsAt == nil, let expires = alert.expiresAt {
                alert.expiresAt = max(expires, now + options.resolveTimeout)
            }
            alerts[alert.labels] = alert
            place(alert, now: now)
        }
        forgetKeys()
        for (key, value) in try await ledger.load(Space.former) { restoreFormer(key, value, now) }
        forgetStaleEntries(now: now)
        measureOutbox()
        wake()
    }

    /// Takes alerts, new, renewed or ended; returns at once, and `run` does the rest.
    public func receive(_ news: [Alert], now: Timestamp) {
        for alert in news.map({ $0.arriving(at: now) }) {
            let known = alerts[alert.labels]
            // Ends of what nobody knows are no news.
            if known == nil, alert.isResolved(at: now) { continue }
            let next = merged(known, alert)
            alerts[alert.labels] = next
            if known == nil || known?.endsAt != next.endsAt || known?.startsAt != next.startsAt {
                keep(next)
            }
            place(next, now: now)
        }
        wake()
    }

    /// Works until it is cancelled; what is on its way then stays in the outbox.
    public func run<C: Clock>(
        clock: C,
        now: @escaping @Sendable () -> Timestamp
    ) async where C.Duration == Duration {
        await withDiscardingTaskGroup { tasks in
            while !Task.isCancelled {
                let time = now()
                await step(at: time)
                for job in takeDue(at: time) {
                    tasks.addTask { await self.attempt(job, now: now) }
                }
                let longest = time + Self.longestWait
                let due = min(nextDue(after: time) ?? longest, longest)
                await wait(until: due, now: now(), clock: clock)
                excuse(now() - max(due, time))
            }
            tasks.cancelAll()
        }
        await save()
    }

    /// Decides about all groups that are due, and commits what was decided.
    func step(at now: Timestamp) async {
        for key in groups.keys.sorted() { tick(key, at: now) }
        await save()
    }

    /// Commits what changed; a disk that refuses is counted, and the ledger keeps the changes.
    func save() async {
        guard !changes.isEmpty else { return }
        let batch = changes
        changes = []
        do {
            try await ledger.apply(batch)
        } catch {
            meters.saveFailures.add()
        }
    }

    /// Notes an alert for the next commit.
    func keep(_ alert: Alert) {
        changes.append(
            .put(space: Space.alerts, key: alert.fingerprintText, value: alert.record.bytes)
        )
    }

    /// Ends the wait of `run`.
    func wake() {
        isWoken = true
        waker?.yield()
    }

    /// Does not hold the time against alerts in which nobody could renew them.
    ///
    /// The machine was suspended, or its clock set forward, where a wait took longer than it should.
    func excuse(_ lateness: Duration) {
        guard lateness > .seconds(1) else { return }
        alerts = alerts.mapValues { $0.expiring(later: lateness) }
        for key in groups.keys { groups[key]?.state.excuse(lateness) }
    }

    private func wait<C: Clock>(
        until due: Timestamp,
        now: Timestamp,
        clock: C
    ) async where C.Duration == Duration {
        let duration = due - now
        if !isWoken, duration > .zero {
            let (stream, continuation) = AsyncStream<Void>.makeStream(
                bufferingPolicy: .bufferingNewest(1)
            )
            waker = continuation
            await withTaskGroup(of: Void.self) { race in
                race.addTask { for await _ in stream { return } }
                race.addTask { try? await clock.sleep(for: duration) }
                await race.next()
                race.cancelAll()
            }
            waker = nil
        }
        isWoken = false
    }

    /// The integrations by receiver and the time intervals by name.
    static func tables(
        _ options: NotifyOptions
    ) -> ([String: [Integration]], [String: NamedInterval]) {
        let ways = options.receivers.map { ($0.name, Integration.all(of: $0)) }
        let times = options.timeIntervals.map { ($0.name, $0) }
        return (Dictionary(ways) { $1 }, Dictionary(times) { $1 })
    }
}
