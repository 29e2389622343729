// SPDX-License-Identifier: Apache-2.0
// Nightjar
import HTTPFetch
import HTTPServer
import Locking
import Samples
import Secrets
import Storage
import Telemetry
import TestSupport
import Testing

@testable import RemoteWrite

@Suite(.serialized, .timeLimit(.minutes(1))) struct WriteSenderTests {
    let directory = TemporaryDirectory()
    let telemetry = Registry()
    let http = HTTPClient()
    let start = Timestamp(milliseconds: 1_700_000_000_000)

    func openStore() async throws -> SeriesStore {
        try await SeriesStore.open(
            StorageOptions(path: directory.file("data")),
            telemetry: telemetry
        )
    }

    func options(_ receiver: RecordingReceiver) -> RemoteWriteOptions {
        var options = RemoteWriteOptions(name: "far", url: receiver.url)
        options.queue.batchSendDeadline = .milliseconds(200)
        options.queue.minBackoff = .milliseconds(1)
        options.queue.maxBackoff = .milliseconds(8)
        options.metadataInterval = nil
        return options
    }

    func sender(
        _ options: RemoteWriteOptions,
        _ store: SeriesStore
    ) async throws -> WriteSender {
        let now = start
        return try await WriteSender.open(
            options,
            store: store,
            http: http,
            telemetry: telemetry,
            now: { now }
        )
    }

    /// Appends samples `range` of some series, and brings them to the log.
    func fill(_ store: SeriesStore, _ range: Range<Int>, series: Int = 1) async {
        for number in range {
            let time = start + .seconds(number)
            store.append(
                (0..<series).map {
                    let labels: LabelSet = ["__name__": "m", "s": "\($0)"]
                    return SeriesSample(labels: labels, value: Double(number))
                },
                at: time
            )
            await store.flush()
        }
    }

    /// Runs a sender until something is so.
    func run(_ sender: WriteSender, until isSo: () -> Bool) async throws {
        let task = Task { await sender.run(clock: FastClock()) }
        var hasHappened = isSo()
        for _ in 0..<4_000 {
            if hasHappened { break }
            try await Task.sleep(for: .milliseconds(5))
            hasHappened = isSo()
        }
        task.cancel()
        await task.value
        #expect(hasHappened)
    }

    func metric(_ name: String, _ label: String = "", _ value: String = "") -> Double? {
        telemetry.collect().first { $0.name == "nightjar_remote_write_" + name }?.samples
            .first { label.isEmpty || $0.labels[label] == value }?.value
    }

    @Test func `all samples arrive in order, with the protocol's headers and the external labels`()
        async throws
    {
        let receiver = try RecordingReceiver()
        var options = options(receiver)
        options.externalLabels = ["cluster": "a", "s": "never"]
        options.headers = [HTTPHeader("X-Scope-OrgID", "nova")]
        options.authorization = .basic(user: "me", password: "secret".asSecret)
        let store = try await openStore()
        let sender = try await sender(options, store)
        await fill(store, 0..<50, series: 20)
        try await run(sender) { metric("samples_sent_total") == 1_000 }
        let values = receiver.values
        #expect(values.count == 20)
        #expect(values["__name__=m,cluster=a,s=7"] == (0..<50).map(Double.init))
        #expect(values.values.allSatisfy { $0 == (0..<50).map(Double.init) })
        let request = try #require(receiver.all.first?.request)
        #expect(request.method == "POST")
        #expect(request.header("Content-Type") == "application/x-protobuf")
        #expect(request.header("Content-Encoding") == "snappy")
        #expect(request.header("X-Prometheus-Remote-Write-Version") == "0.1.0")
        #expect(request.header("User-Agent") == "Nightjar")
        #expect(request.header("X-Scope-OrgID") == "nova")
        #expect(request.header("Authorization") == "Basic bWU6c2VjcmV0")
        #expect(metric("newest_sent_timestamp_seconds") == start.seconds + 49)
        await receiver.stop()
    }

    @Test func `5xx, 429 and a refused connection are tried again, in order, until they succeed`()
        async throws
    {
        let statuses = [500, 503, 429, 502]
        let receiver = try RecordingReceiver { number in
            guard statuses.indices.contains(number) else { return .text(204, "") }
            var response = HTTPResponse.text(statuses[number], "later")
            response.headers.append(HTTPField("Retry-After", "0"))
            return response
        }
        var options = options(receiver)
        options.queue.maxShards = 1
        options.queue.maxSamplesPerSend = 10
        let store = try await openStore()
        let sender = try await sender(options, store)
        await fill(store, 0..<30)
        try await run(sender) { metric("samples_sent_total") == 30 }
        #expect(receiver.values["__name__=m,s=0"] == (0..<30).map(Double.init))
        #expect(receiver.all.map(\.status) == statuses + [204, 204, 204])
        #expect(metric("samples_retried_total") == 40)
        #expect(metric("requests_total", "outcome", "429") == 1)
        await receiver.stop()
    }

    @Test(arguments: [400, 401, 404, 413])
    func `other 4xx are never tried again; their samples are counted and the rest goes on`(
        _ status: Int
    ) async throws {
        let receiver = try RecordingReceiver { .text($0 == 0 ? status : 200, "no") }
        var options = options(receiver)
        options.queue.maxShards = 1
        options.queue.maxSamplesPerSend = 10
        let store = try await openStore()
        let sender = try await sender(options, store)
        await fill(store, 0..<20)
        try await run(sender) { metric("samples_sent_total") == 10 }
        #expect(receiver.all.map(\.status) == [status, 200])
        #expect(metric("samples_dropped_total", "reason", "refused") == 10)
        #expect(receiver.values["__name__=m,s=0"] == (10..<20).map(Double.init))
        await receiver.stop()
    }

    @Test func `after a crash the same requests are made again, and then the rest`() async throws {
        let isDown = Lock(true)
        let receiver = try RecordingReceiver { _ in
            isDown.withLock { $0 } ? .text(500, "down") : .text(204, "")
        }
        var options = options(receiver)
        options.queue.maxShards = 2
        options.queue.maxSamplesPerSend = 8
        do {
            let store = try await openStore()
            let sender = try await sender(options, store)
            await fill(store, 0..<40, series: 3)
            try await run(sender) { receiver.all.count >= 4 }
            // Neither the store is closed nor the sender told: this is the crash.
        }
        let before = Set(receiver.all.compactMap { RecordingReceiver.message($0.request) })
        isDown.withLock { $0 = false }
        let store = try await openStore()
        let sender = try await sender(options, store)
        await fill(store, 40..<45, series: 3)
        try await run(sender) { metric("samples_sent_total") == 135 }
        #expect(Set(receiver.taken).isSuperset(of: before))
        #expect(receiver.values.count == 3)
        #expect(receiver.values.values.allSatisfy { $0 == (0..<45).map(Double.init) })
        await receiver.stop()
    }

    @Test func `a sender that is opened twice begins where it was opened first`() async throws {
        let receiver = try RecordingReceiver()
        let store = try await openStore()
        _ = try await sender(options(receiver), store)
        await fill(store, 0..<5)
        let second = try await sender(options(receiver), store)
        try await run(second) { metric("samples_sent_total") == 5 }
        await receiver.stop()
    }

    @Test func `what was taken is not sent again by the next run`() async throws {
        let receiver = try RecordingReceiver()
        let store = try await openStore()
        let first = try await sender(options(receiver), store)
        await fill(store, 0..<5)
        try await run(first) { metric("samples_sent_total") == 5 }
        let second = try await sender(options(receiver), store)
        await fill(store, 5..<7)
        try await run(second) { metric("samples_sent_total") == 7 }
        #expect(receiver.values["__name__=m,s=0"] == (0..<7).map(Double.init))
        await receiver.stop()
    }

    @Test func `a queue that is too long loses its oldest samples, and counts them`() async throws {
        let isDown = Lock(true)
        let receiver = try RecordingReceiver { _ in
            isDown.withLock { $0 } ? .text(500, "down") : .text(204, "")
        }
        var options = options(receiver)
        options.queue.maxShards = 1
        options.queue.maxSamplesPerSend = 1
        options.queue.maxBytes = 300
        let store = try await openStore()
        let sender = try await sender(options, store)
        await fill(store, 0..<100)
        let task = Task { await sender.run(clock: FastClock()) }
        for _ in 0..<2_000
        where (metric("pending_bytes") ?? 0) > 300 || metric("pending_bytes") == 0 {
            try await Task.sleep(for: .milliseconds(5))
        }
        isDown.withLock { $0 = false }
        for _ in 0..<2_000 where receiver.values["__name__=m,s=0"]?.last != 99 {
            try await Task.sleep(for: .milliseconds(5))
        }
        task.cancel()
        await task.value
        let dropped = try #require(metric("samples_dropped_total", "reason", "queue_full"))
        #expect(dropped > 50 && dropped < 100)
        #expect(receiver.values["__name__=m,s=0"]?.last == 99)
        await receiver.stop()
    }

    @Test func `samples above the age limit, and series that relabelling drops, are not sent`()
        async throws
    {
        let receiver = try RecordingReceiver()
        var options = options(receiver)
        options.queue.sampleAgeLimit = .seconds(100)
        options.relabeling = Relabeling("0") { $1["s"] == $0 ? nil : $1.setting("s", to: "") }
        let store = try await openStore()
        let sender = try await sender(options, store)
        await fill(store, -102 ..< -98, series: 2)
        try await run(sender) { metric("samples_sent_total") == 2 }
        #expect(receiver.values == ["__name__=m": [-100, -99]])
        #expect(metric("samples_dropped_total", "reason", "too_old") == 4)
        #expect(metric("samples_dropped_total", "reason", "relabeled") == 2)
        await receiver.stop()
    }

    @Test func `metadata is sent by itself`() async throws {
        let receiver = try RecordingReceiver()
        var options = options(receiver)
        options.metadataInterval = .seconds(60)
        options.maxMetadataPerSend = 2
        let store = try await openStore()
        let about = MetricMetadata(kind: .histogram, help: "How long", unit: "seconds")
        store.describe(["a": about, "b": about, "c": about])
        let sender = try await sender(options, store)
        try await run(sender) { metric("metadata_sent_total") == 3 }
        #expect(receiver.taken.map(\.metadata.count) == [2, 1])
        #expect(receiver.taken[1].metadata["c"] == about)
        await receiver.stop()
    }

    @Test func `a receiver that hangs delays neither appends nor flushes`() async throws {
        let silent = CannedServer { _ in .silence }
        var options = RemoteWriteOptions(name: "far", url: silent.url)
        options.queue.batchSendDeadline = .milliseconds(1)
        let store = try await openStore()
        let sender = try await sender(options, store)
        await fill(store, 0..<10)
        let task = Task { await sender.run(clock: FastClock()) }
        for _ in 0..<2_000 where metric("shards") != 1 {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(metric("shards") == 1)
        await fill(store, 10..<30)
        #expect(try await store.backlog(after: 0).samples == 30)
        task.cancel()
        await task.value
    }
}

extension String {
    fileprivate var asSecret: Secret { Secret(self) }
}
