// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Locking
import SQLite
import Samples
import Telemetry
import TestSupport
import Testing

@testable import Storage

@Suite struct PersistenceTests {
    private let directory = TemporaryDirectory()
    private let telemetry = Registry()

    private func open(
        retention: Duration = .seconds(15 * 86_400),
        maxBytes: Int? = nil
    ) async throws -> SeriesStore {
        let options = StorageOptions(
            path: directory.path,
            retention: retention,
            maxBytes: maxBytes
        )
        return try await SeriesStore.open(options, telemetry: telemetry)
    }

    private func all(_ store: SeriesStore) throws -> [SeriesSamples] {
        try store.select(
            [Matcher("__name__", equals: "m")],
            from: at(-1 << 40),
            through: at(1 << 40)
        )
    }

    /// Appends a sample each 15 s from `start` on, the value being the second; flushes each minute.
    private func fill(_ store: SeriesStore, from start: Int64, count: Int64) async {
        for step in 0..<count {
            let second = start + step * 15
            store.append(batch(second, "m", ["a": Double(second), "b": 1]), from: web)
            if step % 4 == 3 { await store.flush() }
        }
        await store.flush()
    }

    private func metric(_ name: String) -> Double? {
        telemetry.collect().first { $0.name == name }?.samples.first?.value
    }

    @Test func `a start serves all history, from chunks and from the log`() async throws {
        do { await fill(try await open(), from: 0, count: 1_000) }
        let store = try await open()
        let found = try all(store)
        #expect(found.map(\.labels.description) == ["m{a=\"a\"}", "m{a=\"b\"}"])
        #expect(found.map(\.count) == [1_000, 1_000])
        #expect(found[0].times == ContiguousArray((0..<1_000).map { Int64($0) * 15_000 }))
        #expect(found[0].values == ContiguousArray((0..<1_000).map { Double($0) * 15 }))
        let outcome = store.append(batch(14_985, "m", ["a": 1]), from: web)
        #expect(outcome.conflicting == 1)
        await fill(store, from: 15_000, count: 10)
        #expect(try all(store).map(\.count) == [1_010, 1_010])
    }

    @Test func `what was not flushed is all that a crash loses`() async throws {
        do {
            let store = try await open()
            await fill(store, from: 0, count: 10)
            store.append(batch(150, "m", ["a": 1]), from: web)
        }
        #expect(try all(await open()).map(\.count) == [10, 10])
    }

    @Test func `memory lets go of what is on disk, and queries do not show it`() async throws {
        let store = try await open()
        await fill(store, from: 0, count: 4_000)
        let kept = store.head.withLock { $0.series[0].memoryStart }
        // The window of three hours, and what the small chunk has that reaches into it.
        #expect(kept > (60_000 - 3 * 3_600 - Int64(Chunk.maxPacked) * 15) * 1_000)
        #expect(try all(store).map(\.count) == [4_000, 4_000])
        let some = try store.select(
            [Matcher("__name__", equals: "m"), Matcher("a", equals: "a")],
            from: at(21_000),
            through: at(22_500)
        )
        #expect(some.map(\.count) == [101])
        #expect(some[0].times.first == 21_000_000)
        #expect(some[0].times.last == 22_500_000)
    }

    @Test func `the log holds no more than the open chunks need`() async throws {
        let store = try await open()
        await fill(store, from: 0, count: 1_000)
        let rows = try await store.disk?.perform { database throws(DatabaseError) in
            try database.integer("SELECT count(*) FROM batch")
        }
        #expect((rows ?? .max) <= 61)
    }

    @Test func `samples go at the end of the retention, and series with them`() async throws {
        let store = try await open(retention: .seconds(86_400))
        store.append([SeriesSample(labels: ["__name__": "once"], value: 1)], at: at(0))
        await fill(store, from: 0, count: 4 * 1_440 * 3)
        let oldest = try #require(try all(store).first?.times.first)
        let end = Int64(4 * 1_440 * 3 * 15)
        #expect(oldest >= (end - 86_400 - 7 * 3_600) * 1_000)
        #expect(oldest <= (end - 86_400) * 1_000)
        #expect(store.head.withLock { $0.index.count } == 2)
        await store.close()
    }

    @Test func `the oldest samples go first where the disk is limited`() async throws {
        let store = try await open(maxBytes: 120_000)
        var generator = SeededGenerator(state: 3)
        for step in 0..<Int64(20_000) {
            let value = Double.random(in: 0..<1, using: &generator)
            store.append(batch(step * 15, "m", ["a": value]), from: web)
            if step % 4 == 3 { await store.flush() }
        }
        #expect(try all(store).map(\.count).allSatisfy { $0 < 15_000 })
        #expect((metric("nightjar_storage_disk_bytes") ?? .infinity) < 140_000)
    }

    @Test func `a damaged chunk is left out and counted`() async throws {
        let store = try await open()
        await fill(store, from: 0, count: 4_000)
        _ = try await store.disk?.perform { database throws(DatabaseError) in
            try database.execute(
                "UPDATE chunk SET bytes = zeroblob(64) WHERE key = (SELECT min(key) FROM chunk)"
            )
        }
        #expect(try all(store).map(\.count) == [4_000 - 1_440, 4_000])
        #expect(metric("nightjar_storage_damaged_chunks_total") == 1)
    }

    @Test(arguments: ["samples.db", "ledger.db"])
    func `a damaged database is set aside and begun anew`(name: String) async throws {
        do {
            let store = try await open()
            await fill(store, from: 0, count: 100)
            try await store.ledger.apply([.put(space: "a", key: "b", value: [1])])
            await store.close()
        }
        for suffix in ["-wal", "-shm"] {
            try ServerProcess.run(["rm", "-f", directory.file(name + suffix)])
        }
        let words = ["dd", "if=/dev/urandom", "of=" + directory.file(name), "bs=4096", "count=4"]
        #expect(try ServerProcess.run(words) == 0)
        let store = try await open()
        let isSamples = name == "samples.db"
        #expect(try all(store).isEmpty == isSamples)
        #expect(try await store.ledger.load("a").isEmpty == !isSamples)
        #expect(metric("nightjar_storage_set_aside_total") == 1)
        #expect(try ServerProcess.run(["test", "-s", directory.file(name + ".damaged-1")]) == 0)
        await fill(store, from: 3_000, count: 10)
        #expect(try all(store).map(\.count) == (isSamples ? [10, 10] : [110, 110]))
    }

    @Test func `damage that shows while running begins a new database with what memory has`()
        async throws
    {
        do {
            let store = try await open()
            await fill(store, from: 0, count: 600)
            store.isDamaged.withLock { $0 = true }
            await store.flush()
            #expect(metric("nightjar_storage_failed") == 1)
            await fill(store, from: 9_000, count: 10)
            #expect(metric("nightjar_storage_failed") == 0)
            #expect(try all(store).map(\.count) == [610, 610])
        }
        #expect(try all(await open()).map(\.count) == [610, 610])
        #expect(try ServerProcess.run(["test", "-s", directory.file("samples.db.damaged-1")]) == 0)
    }

    @Test func `a newer schema is refused with both versions`() async throws {
        do {
            var database = try Database.open(path: directory.file("samples.db"))
            try database.migrate(SampleSchema.migrations)
            try database.execute("PRAGMA user_version = 99")
        }
        let error = await #expect(throws: StorageError.self) { _ = try await open() }
        #expect(error?.reason == .newerSchema)
        #expect(
            error?.message.contains(
                "99, newer than this program's \(SampleSchema.migrations.count)"
            ) == true
        )
    }

    @Test func `a directory has one store at a time`() async throws {
        let store = try await open()
        let error = await #expect(throws: StorageError.self) { _ = try await open() }
        #expect(error?.reason == .inUse)
        #expect(store.isFailed == false)
    }

    @Test func `a directory that cannot be made is said to be unavailable`() async throws {
        let options = StorageOptions(path: "/proc/nightjar")
        let error = await #expect(throws: StorageError.self) {
            _ = try await SeriesStore.open(options, telemetry: Registry())
        }
        #expect(error?.reason == .unavailable)
    }

    @Test func `a disk that refuses keeps samples in memory until it takes them`() async throws {
        do {
            let store = try await open()
            await fill(store, from: 0, count: 10)
            let deny =
                "CREATE TRIGGER deny BEFORE INSERT ON batch BEGIN SELECT raise(ABORT, 'no'); END"
            _ = try await store.disk?.perform { database throws(DatabaseError) in
                try database.execute(deny)
            }
            await fill(store, from: 150, count: 300)
            #expect(metric("nightjar_storage_failed") == 1)
            #expect(try all(store).map(\.count) == [310, 310])
            _ = try await store.disk?.perform { database throws(DatabaseError) in
                try database.execute("DROP TRIGGER deny")
            }
            await store.flush()
            #expect(metric("nightjar_storage_failed") == 0)
        }
        #expect(try all(await open()).map(\.count) == [310, 310])
    }
}

/// Whether this process may mount a small file system.
private let mayMount: Bool = {
    let directory = TemporaryDirectory()
    let words = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", directory.path]
    guard (try? ServerProcess.run(words)) == 0 else { return false }
    return (try? ServerProcess.run(["umount", directory.path])) == 0
}()

@Suite struct FullDiskTests {
    @Test(.enabled(if: mayMount, "a small file system needs the right to mount"))
    func `on a full disk memory goes on, and all is saved when there is room`() async throws {
        let directory = TemporaryDirectory()
        let mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", directory.path]
        #expect(try ServerProcess.run(mount) == 0)
        defer { _ = try? ServerProcess.run(["umount", "-l", directory.path]) }
        let filler = directory.file("filler")
        let options = StorageOptions(path: directory.file("data"))
        let name = Matcher("__name__", equals: "m")
        do {
            let store = try await SeriesStore.open(options, telemetry: Registry())
            _ = try ServerProcess.run(["dd", "if=/dev/zero", "of=" + filler, "bs=64k"])
            for second in 0..<Int64(300) {
                store.append(batch(second, "m", ["a": Double(second)]), from: web)
                await store.flush()
            }
            #expect(store.isFailed)
            #expect(store.failure.withLock { $0 }?.contains("full") == true)
            #expect(try store.select([name], from: at(0), through: at(400)).map(\.count) == [300])
            #expect(try ServerProcess.run(["rm", filler]) == 0)
            await store.flush()
            #expect(!store.isFailed)
        }
        let store = try await SeriesStore.open(options, telemetry: Registry())
        #expect(try store.select([name], from: at(0), through: at(400)).map(\.count) == [300])
    }

    @Test(.enabled(if: mayMount, "a small file system needs the right to mount"))
    func `a start on a full disk serves the history, and saves when there is room`() async throws {
        let directory = TemporaryDirectory()
        let mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", directory.path]
        #expect(try ServerProcess.run(mount) == 0)
        defer { _ = try? ServerProcess.run(["umount", "-l", directory.path]) }
        let filler = directory.file("filler")
        let options = StorageOptions(path: directory.file("data"))
        let name = Matcher("__name__", equals: "m")
        do {
            let store = try await SeriesStore.open(options, telemetry: Registry())
            for second in 0..<Int64(100) {
                store.append(batch(second, "m", ["a": Double(second)]), from: web)
            }
            try await store.ledger.apply([.put(space: "a", key: "b", value: [1])])
            await store.close()
        }
        _ = try ServerProcess.run(["dd", "if=/dev/zero", "of=" + filler, "bs=4k"])
        do {
            let store = try await SeriesStore.open(options, telemetry: Registry())
            #expect(try store.select([name], from: at(0), through: at(400)).map(\.count) == [100])
            #expect(try await store.ledger.load("a").count == 1)
            for second in 100..<Int64(300) {
                store.append(batch(second, "m", ["a": Double(second)]), from: web)
                await store.flush()
            }
            #expect(store.isFailed)
            #expect(try store.select([name], from: at(0), through: at(400)).map(\.count) == [300])
            #expect(try ServerProcess.run(["rm", filler]) == 0)
            await store.flush()
            #expect(!store.isFailed)
        }
        let store = try await SeriesStore.open(options, telemetry: Registry())
        #expect(try store.select([name], from: at(0), through: at(400)).map(\.count) == [300])
    }
}
