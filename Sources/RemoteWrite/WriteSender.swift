// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import HTTPFetch
internal import Locking
public import Logging
public import Samples
public import Storage
public import Telemetry

/// Sends every stored sample to one engine, in order, until it has them.
///
/// The queue is storage's own log on disk: a sender follows it, so that a crash or a receiver that is
/// down for long loses nothing, and a receiver that hangs delays nobody but its own sender. The place in
/// the log is kept in the ledger together with the end of what is being sent, so that the same requests
/// are made again after a crash: a receiver that takes a request as a whole or not at all, as Prometheus
/// does, then misses no sample and is told none out of order. Source: Prometheus, "Remote-Write 1.0
/// specification"; storage/remote/queue_manager.go for the options' meanings.
public final class WriteSender: Sendable {
    let options: RemoteWriteOptions
    let store: SeriesStore
    let http: HTTPClient
    let meters: SenderMeters
    let log: Log?
    let now: @Sendable () -> Timestamp
    /// Where it goes on; the end of the requests that were begun last.
    private let start: SendPosition

    /// How long it sleeps while there is nothing to send.
    private static let rest = Duration.milliseconds(200)
    /// From one look at the queue's size to the next.
    private static let inspection = Duration.seconds(5)

    /// Finds its place in the log; where it was there before, to be called before storage runs.
    ///
    /// - Throws: `StorageError` where the ledger cannot be read.
    public static func open(
        _ options: RemoteWriteOptions,
        store: SeriesStore,
        http: HTTPClient,
        telemetry: Registry,
        log: Log? = nil,
        now: @escaping @Sendable () -> Timestamp
    ) async throws(StorageError) -> WriteSender {
        let kept = try await SendPosition.load(options.name, from: store.ledger)
        let done = store.follow(as: options.name, after: kept?.done)
        let begun = max(done, min(kept?.begun ?? done, store.logEnd))
        // A new one begins here, also where it is opened again before it sent anything.
        if kept == nil {
            try await SendPosition(done: done, begun: done).save(options.name, to: store.ledger)
        }
        return WriteSender(
            options,
            store,
            http,
            SenderMeters(telemetry, options),
            log,
            now,
            SendPosition(done: done, begun: begun)
        )
    }

    private init(
        _ options: RemoteWriteOptions,
        _ store: SeriesStore,
        _ http: HTTPClient,
        _ meters: SenderMeters,
        _ log: Log?,
        _ now: @escaping @Sendable () -> Timestamp,
        _ start: SendPosition
    ) {
        self.options = options
        self.store = store
        self.http = http
        self.meters = meters
        self.log = log
        self.now = now
        self.start = start
    }

    /// Sends until its task is cancelled; what is not taken by then stays in the queue.
    public func run(clock: some Clock<Duration> = ContinuousClock()) async {
        let floor = Lock(start.done)
        await withTaskGroup { group in
            group.addTask { await self.sendSamples(floor, clock) }
            group.addTask { await self.inspect(floor, clock) }
            if let interval = options.metadataInterval {
                group.addTask { await self.sendMetadata(every: interval, clock) }
            }
        }
    }

    /// Ends the keeping of samples for an engine that is not sent to any more.
    public static func forget(_ name: String, in store: SeriesStore) async {
        store.unfollow(name)
        await SendPosition.forget(name, in: store.ledger)
    }

    /// Sends window after window; `floor` is what the queue's limit has dropped.
    private func sendSamples(_ floor: Lock<Int64>, _ clock: some Clock<Duration>) async {
        var directory = SeriesDirectory(options)
        var position = start
        while !Task.isCancelled {
            position.done = max(position.done, floor.withLock { $0 })
            let batches = await nextBatches(position, clock)
            guard let last = batches.last?.number else { continue }
            position.begun = last
            await keep(position)
            let ids = batches.lazy.flatMap { $0.entries.lazy.map(\.id) }
            directory.learn(store.labels(of: directory.unknown(ids)))
            let plan = SendPlan(batches, directory, options.queue, now: now())
            meters.lost(plan.unknown, .unknownSeries)
            meters.lost(plan.tooOld, .tooOld)
            meters.lost(plan.unwanted, .relabeled)
            await send(plan, clock)
            guard !Task.isCancelled else { return }
            position.done = last
            floor.withLock { $0 = max($0, last) }
            store.release(options.name, through: last)
        }
        await keep(position)
    }

    /// The batches of the next requests: those that were begun before a restart, or as many as there
    /// are once they fill a request or waited long enough.
    private func nextBatches(
        _ position: SendPosition,
        _ clock: some Clock<Duration>
    ) async -> [LogBatch] {
        let limit = options.queue.windowSamples
        var waited = Duration.zero
        var seen = position.done
        var batches: [LogBatch] = []
        while !Task.isCancelled {
            let end = store.logEnd
            if end > seen {
                batches = (try? await store.batches(after: position.done, limit: limit)) ?? []
                seen = batches.isEmpty ? position.done : end
            }
            let begun = batches.filter { $0.number <= position.begun }
            if !begun.isEmpty { return begun }
            let count = batches.reduce(0) { $0 + $1.entries.count }
            let isDue = !batches.isEmpty && waited >= options.queue.batchSendDeadline
            if isDue || count >= options.queue.maxSamplesPerSend { return batches }
            if !batches.isEmpty { waited += Self.rest }
            try? await clock.sleep(for: Self.rest, tolerance: nil)
        }
        return []
    }

    /// Sends all shards side by side, each in its order.
    private func send(_ plan: SendPlan, _ clock: some Clock<Duration>) async {
        let active = plan.shards.filter { !$0.isEmpty }
        meters.setActive(active.count)
        await withTaskGroup { group in
            for requests in active {
                group.addTask {
                    for request in requests { await self.deliver(request, clock) }
                }
            }
        }
        meters.setActive(0)
        if let newest = active.lazy.flatMap(\.self).map(\.newest).max() { meters.reached(newest) }
    }

    /// Keeps the queue within its limits, and tells its size.
    private func inspect(_ floor: Lock<Int64>, _ clock: some Clock<Duration>) async {
        while !Task.isCancelled {
            let position = floor.withLock { $0 }
            if let backlog = try? await store.backlog(after: position) {
                meters.pending(backlog)
                if backlog.bytes > options.queue.maxBytes { await shorten(floor, backlog) }
            }
            try? await clock.sleep(for: Self.inspection, tolerance: nil)
        }
    }

    /// Drops the oldest tenth of a queue that is too long.
    private func shorten(_ floor: Lock<Int64>, _ backlog: LogBacklog) async {
        let position = floor.withLock { $0 }
        let excess = max(1, backlog.samples / 10)
        guard let oldest = try? await store.batches(after: position, limit: excess),
            let last = oldest.last?.number
        else { return }
        let count = oldest.reduce(0) { $0 + $1.entries.count }
        // What is being sent just now stays with its sender, and may be counted twice.
        floor.withLock { $0 = max($0, last) }
        store.release(options.name, through: last)
        meters.lost(count, .queueFull)
        let fields = [Field("remote", options.name), Field("samples", count)]
        log?(.warning, "dropped the oldest samples of a queue that is too long", fields)
    }

    private func keep(_ position: SendPosition) async {
        // Where the ledger refuses it, more is sent again after a crash than needs to be.
        try? await position.save(options.name, to: store.ledger)
    }
}

extension RemoteWriteOptions.Queue {
    /// The time of the oldest sample that is sent, in milliseconds.
    func oldest(at now: Timestamp) -> Int64 {
        sampleAgeLimit.map { (now - $0).milliseconds } ?? .min
    }

    /// Samples that are in memory at most, over all shards.
    var windowSamples: Int {
        let shards = max(1, maxShards)
        return max(maxSamplesPerSend, min(capacity, maxSamplesPerSend) * shards)
    }
}

/// Where a sender is in the log.
struct SendPosition: Sendable, Hashable {
    /// Everything through this batch is sent, or never will be.
    var done: Int64
    /// The requests that were begun last end with this batch.
    var begun: Int64

    private static let space = "remote_write"

    static func load(
        _ name: String,
        from ledger: Ledger
    ) async throws(StorageError) -> SendPosition? {
        let row = try await ledger.load(space).first { $0.key == name }
        let numbers = row.map { String(decoding: $0.value, as: UTF8.self).split(separator: " ") }
        guard let numbers, numbers.count == 2, let done = Int64(numbers[0]),
            let begun = Int64(numbers[1])
        else { return nil }
        return SendPosition(done: done, begun: begun)
    }

    func save(_ name: String, to ledger: Ledger) async throws(StorageError) {
        let value = Array("\(done) \(begun)".utf8)
        try await ledger.apply([.put(space: Self.space, key: name, value: value)])
    }

    static func forget(_ name: String, in ledger: Ledger) async {
        try? await ledger.apply([.remove(space: space, key: name)])
    }
}
