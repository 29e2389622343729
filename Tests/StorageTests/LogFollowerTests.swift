// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Locking
import Samples
import Telemetry
import TestSupport
import Testing

@testable import Storage

@Suite struct LogFollowerTests {
    private let directory = TemporaryDirectory()

    private func open() async throws -> SeriesStore {
        try await SeriesStore.open(
            StorageOptions(path: directory.file("data")),
            telemetry: Registry()
        )
    }

    /// Appends a sample a second, and brings each to disk.
    private func fill(_ store: SeriesStore, _ seconds: Range<Int64>) async {
        for second in seconds {
            store.append(batch(second, "m", ["a": Double(second)]), from: web)
            await store.flush()
        }
    }

    @Test func `a follower gets every sample, also those that are in chunks by now`() async throws {
        let store = try await open()
        await fill(store, 0..<10)
        let start = store.follow(as: "copy", after: nil)
        await fill(store, 10..<400)
        let batches = try await store.batches(after: start, limit: .max)
        #expect(batches.flatMap(\.entries).map(\.value) == (10..<400).map(Double.init))
        let id = try #require(batches.first?.entries.first?.id)
        #expect(store.labels(of: [id, 77])[id]?.description == "m{a=\"a\"}")
        #expect(try await store.backlog(after: start).samples == 390)
        let part = try await store.batches(after: start, limit: 5)
        #expect(part.flatMap(\.entries).map(\.value) == [10, 11, 12, 13, 14])
    }

    @Test func `what all followers have got goes away, and its numbers do not come again`()
        async throws
    {
        let store = try await open()
        let start = store.follow(as: "copy", after: nil)
        _ = store.follow(as: "other", after: nil)
        await fill(store, 0..<300)
        let end = store.logEnd
        store.release("copy", through: end)
        await fill(store, 300..<450)
        #expect(try await store.backlog(after: start).samples == 450)
        store.unfollow("other")
        await fill(store, 450..<650)
        #expect(try await store.backlog(after: start).samples == 650 - 300)
        #expect(store.logEnd == end + 350)
    }

    @Test func `a follower goes on where it was after a restart, and a start reads no more of it`()
        async throws
    {
        var store = try await open()
        let start = store.follow(as: "copy", after: nil)
        await fill(store, 0..<300)
        let end = store.logEnd
        await store.close()
        _ = consume store
        store = try await open()
        #expect(store.logEnd == end)
        #expect(store.follow(as: "copy", after: start) == start)
        #expect(try await store.backlog(after: start).samples == 300)
        // Two chunks of 120 are on disk; only the batches of the open one are read at the start.
        let inMemory = store.head.withLock { $0.series.reduce(0) { $0 + $1.open.count } }
        #expect(inMemory == 60)
        let name = Matcher("__name__", equals: "m")
        let found = try store.select([name], from: at(0), through: at(1_000))
        #expect(found.map(\.count) == [300])
    }

    @Test func `a position beyond the end counts as the end`() async throws {
        let store = try await open()
        #expect(store.follow(as: "copy", after: 1_000) == store.logEnd)
    }

    @Test func `a log in memory is kept for followers as well`() async throws {
        let store = try await SeriesStore.open(.memory, telemetry: Registry())
        await fill(store, 0..<3)
        let start = store.follow(as: "copy", after: nil)
        await fill(store, 3..<200)
        let batches = try await store.batches(after: start, limit: .max)
        #expect(batches.flatMap(\.entries).map(\.value) == (3..<200).map(Double.init))
        store.release("copy", through: store.logEnd)
        #expect(try await store.backlog(after: start) == LogBacklog())
    }
}
