// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Locking
import SQLite
import Samples
import Telemetry
import TestSupport
import Testing

@testable import Storage

/// Faults of the disk, each really made: what was committed and can be read is not lost, and the store
/// goes on.
struct DiskFaultTests {
    private let directory = TemporaryDirectory()
    private let telemetry = Registry()
    private var path: String { directory.file("samples.db") }
    private static let names = (0..<24).map { "s\($0)" }
    private static let intervalMs: Int64 = 30_000
    /// Thirteen hours, in three periods.
    private static let polls: Int64 = 13 * 120

    private func open() async throws -> SeriesStore {
        let options = StorageOptions(path: directory.path, memoryWindow: .seconds(1_800))
        return try await SeriesStore.open(options, telemetry: telemetry)
    }

    /// The value of a series at a poll: all differ, and none is a neighbour of another.
    private func value(_ name: Int, _ poll: Int64) -> Double {
        var mixed = UInt64(bitPattern: poll) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(name)
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        return Double(mixed >> 11) * 0x1p-53
    }

    private func poll(_ number: Int64, _ store: SeriesStore) {
        let samples = Self.names.indices.map { name in
            SeriesSample(
                labels: ["__name__": "m", "a": Self.names[name]],
                value: value(name, number)
            )
        }
        store.append(samples, at: at(number * 30))
    }

    private func fill(_ store: SeriesStore, _ polls: Range<Int64>) async {
        for number in polls {
            poll(number, store)
            if number % 10 == 9 { await store.flush() }
        }
        await store.flush()
    }

    private func metric(_ name: String) -> Double {
        telemetry.collect().first { $0.name == name }?.samples.first?.value ?? -1
    }

    /// The polls that each series has; values that are not the right ones fail the test.
    private func found(_ store: SeriesStore) throws -> [[Int64]] {
        let all = try store.select(
            [Matcher("__name__", equals: "m")],
            from: at(-1 << 40),
            through: at(1 << 40)
        )
        var polls = [[Int64]](repeating: [], count: Self.names.count)
        for series in all {
            let name = try #require(Self.names.firstIndex(of: series.labels["a"]))
            polls[name] = series.times.map { $0 / Self.intervalMs }
            let right = zip(polls[name], series.values).allSatisfy { value(name, $0) == $1 }
            #expect(right, "\(series.labels)")
            #expect(zip(series.times, series.times.dropFirst()).allSatisfy { $0 < $1 })
        }
        return polls
    }

    /// The polls whose chunks can be read in a file, chunk by chunk, by series; where labels are
    /// needed, of those only whose labels can be read too.
    private func readable(_ path: String, needsLabels: Bool) throws -> [Int: Set<Int64>] {
        var database = try Database.open(path: path, access: .salvage)
        var polls: [Int: Set<Int64>] = [:]
        for id in 1...Int64(Self.names.count) {
            let labels = try? database.integer("SELECT id FROM series WHERE id = \(id)")
            guard !needsLabels || labels == id else { continue }
            for period in Int64(0)...2 {
                let start = period * ChunkKey.periodMs
                var samples = SeriesSamples(labels: .empty)
                try? database.eachChunk(of: id, start, start + ChunkKey.periodMs - 1, [period]) {
                    _ = $0?.decode(from: .min, through: .max, into: &samples)
                }
                polls[Int(id) - 1, default: []].formUnion(
                    samples.times.map { $0 / Self.intervalMs }
                )
            }
        }
        return polls
    }

    /// Overwrites a page, never the first: that one is the file's head.
    private func overwritePage(_ seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        var database = try Database.open(path: path, access: .readOnly)
        let count = try database.integer("PRAGMA page_count")
        let page = Int64.random(in: 1..<count, using: &generator)
        let words = [
            "dd", "if=/dev/urandom", "of=" + path, "bs=4096", "count=1", "seek=\(page)",
            "conv=notrunc", "status=none",
        ]
        #expect(try ServerProcess.run(words) == 0)
    }

    private func checkpoint(_ store: SeriesStore) async throws {
        try await store.disk?.perform { database throws(DatabaseError) in
            try database.checkpoint()
            try database.execute("PRAGMA shrink_memory")
        }
    }

    /// Flushes until nothing is left to be brought back, and looks at what is there.
    private func expectReadable(
        _ store: SeriesStore,
        later: Int64,
        needsLabels: Bool = false
    ) async throws {
        for _ in 0..<50 { await store.flush() }
        let polls = try found(store)
        for name in polls.indices {
            #expect(polls[name].suffix(Int(later)).elementsEqual(Self.polls..<Self.polls + later))
        }
        guard try ServerProcess.run(["test", "-e", path + ".damaged-1"]) == 0 else {
            // The page was a free one, or was written anew before anybody read it.
            return
        }
        let expected = try readable(path + ".damaged-1", needsLabels: needsLabels)
        for name in polls.indices {
            let lost = (expected[name] ?? []).subtracting(polls[name])
            #expect(lost.isEmpty, "\(Self.names[name]) lost \(lost.count)")
        }
        #expect(polls.reduce(0) { $0 + $1.count } > Self.names.count * Int(Self.polls) / 2)
        #expect(metric("nightjar_storage_set_aside_total") == 1)
        #expect(metric("nightjar_storage_failed") == 0)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `a page overwritten under the running store costs what lay in it`(
        seed: UInt64
    ) async throws {
        let store = try await open()
        await fill(store, 0..<Self.polls)
        try await checkpoint(store)
        try overwritePage(seed)
        _ = try? found(store)
        await fill(store, Self.polls..<Self.polls + 30)
        try await expectReadable(store, later: 30)
    }

    @Test(arguments: 11...18 as ClosedRange<UInt64>)
    func `a page overwritten before a start costs what lay in it`(seed: UInt64) async throws {
        do {
            let store = try await open()
            await fill(store, 0..<Self.polls)
            await store.close()
        }
        try overwritePage(seed)
        var before: [[Int64]] = []
        do {
            let store = try await open()
            await store.warmUp()
            _ = try? found(store)
            await fill(store, Self.polls..<Self.polls + 30)
            try await expectReadable(store, later: 30, needsLabels: true)
            before = try found(store)
        }
        #expect(try await found(open()) == before)
    }

    @Test(arguments: [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    func `a file that was cut short gives what is left of it`(part: Double) async throws {
        do {
            let store = try await open()
            await fill(store, 0..<Self.polls)
            await store.close()
        }
        var database = try Database.open(path: path, access: .readOnly)
        let pages = Double(try database.integer("PRAGMA page_count"))
        let words = ["truncate", "-s", "\(Int(pages * part) * 4096)", path]
        #expect(try ServerProcess.run(words) == 0)
        do {
            let store = try await open()
            _ = try? found(store)
            await fill(store, Self.polls..<Self.polls + 30)
            for _ in 0..<20 { await store.flush() }
            let polls = try found(store)
            let expected = try readable(path + ".damaged-1", needsLabels: true)
            for name in polls.indices {
                #expect((expected[name] ?? []).subtracting(polls[name]).isEmpty)
            }
            #expect(polls.allSatisfy { $0.suffix(30).elementsEqual(Self.polls..<Self.polls + 30) })
        }
        #expect(try await found(open()).allSatisfy { $0.count >= 30 })
    }

    @Test(arguments: 21...26 as ClosedRange<UInt64>)
    func `a log cut at a random place gives what was before the cut`(seed: UInt64) async throws {
        let copy = directory.file("copy")
        do {
            let store = try await open()
            await fill(store, 0..<600)
            try await checkpoint(store)
            await fill(store, 600..<900)
            // As after a crash: the log beside the file holds the last part.
            #expect(try ServerProcess.run(["mkdir", copy]) == 0)
            for suffix in ["", "-wal"] {
                #expect(
                    try ServerProcess.run(["cp", path + suffix, copy + "/samples.db" + suffix]) == 0
                )
            }
        }
        var generator = SeededGenerator(state: seed)
        let size = Int.random(in: 0...900_000, using: &generator)
        let log = copy + "/samples.db-wal"
        #expect(try ServerProcess.run(["truncate", "-s", "<\(size)", log]) == 0)
        let options = StorageOptions(path: copy, memoryWindow: .seconds(1_800))
        let store = try await SeriesStore.open(options, telemetry: telemetry)
        let polls = try found(store)
        #expect(polls.allSatisfy { $0.starts(with: 0..<600) })
        // All series end with the same flush, and nothing is missing before that.
        #expect(Set(polls.map(\.count)).count == 1)
        #expect(polls[0] == Array(0..<Int64(polls[0].count)))
        await fill(store, 900..<930)
        #expect(try found(store).allSatisfy { $0.suffix(30).elementsEqual(900..<930) })
        #expect(metric("nightjar_storage_failed") == 0)
    }

    @Test func `a file that is removed under the running store is written again`() async throws {
        do {
            let store = try await open()
            await fill(store, 0..<700)
            for suffix in ["", "-wal", "-shm"] {
                #expect(try ServerProcess.run(["rm", path + suffix]) == 0)
            }
            await fill(store, 700..<710)
            #expect(metric("nightjar_storage_rewritten_total") == 1)
            #expect(metric("nightjar_storage_failed") == 0)
            #expect(try found(store).allSatisfy { $0.elementsEqual(0..<710) })
            // Another file in its place is kept under another name.
            #expect(try ServerProcess.run(["cp", "/etc/hostname", path + ".other"]) == 0)
            #expect(try ServerProcess.run(["mv", path + ".other", path]) == 0)
            await fill(store, 710..<720)
            #expect(metric("nightjar_storage_rewritten_total") == 2)
        }
        let again = try await open()
        #expect(try found(again).allSatisfy { $0.elementsEqual(0..<720) })
    }

    @Test func `where nothing can be written memory has a bound, and all goes on afterwards`()
        async throws
    {
        let store = try await open()
        await fill(store, 0..<240)
        try await store.disk?.perform { database throws(DatabaseError) in
            try database.execute("PRAGMA query_only = ON")
        }
        await fill(store, 240..<400)
        #expect(metric("nightjar_storage_failed") == 1)
        #expect(try found(store).allSatisfy { $0.elementsEqual(0..<400) })
        let bytes = store.head.withLock { $0.byteCount }
        await fill(store, 400..<1_400)
        // Two windows of an hour in all, and what a chunk may reach beyond them.
        #expect(store.head.withLock { $0.byteCount } < 3 * bytes)
        #expect(metric("nightjar_storage_samples_lost_total") > 0)
        try await store.disk?.perform { database throws(DatabaseError) in
            try database.execute("PRAGMA query_only = OFF")
        }
        await fill(store, 1_400..<1_420)
        #expect(metric("nightjar_storage_failed") == 0)
        let polls = try found(store)
        // What only the log had went with the chunk that it belongs to.
        #expect(polls.allSatisfy { $0.starts(with: 0..<180) })
        #expect(polls.allSatisfy { $0.suffix(120).elementsEqual(1_300..<1_420) })
    }

    @Test func `a disk that gets full while chunks are joined keeps them as they were`()
        async throws
    {
        let store = try await open()
        await fill(store, 0..<Self.polls)
        let isFull = try await store.disk?.perform { database throws(DatabaseError) in
            try database.execute("UPDATE dirty SET period = period")
            try database.execute("INSERT OR IGNORE INTO dirty VALUES(0), (1), (2)")
            let pages = try database.integer("PRAGMA page_count")
            try database.execute("PRAGMA max_page_count = \(pages)")
            var compaction = Compaction()
            do throws(DatabaseError) {
                for _ in 0..<10 { try compaction.slice(&database, endedBefore: 1 << 50) }
                return false
            } catch {
                return error.isFull
            }
        }
        #expect(isFull == true)
        #expect(try found(store).allSatisfy { $0.elementsEqual(0..<Self.polls) })
        try await store.disk?.perform { database throws(DatabaseError) in
            try database.execute("PRAGMA max_page_count = 1000000")
            var compaction = Compaction()
            for _ in 0..<10 { try compaction.slice(&database, endedBefore: 1 << 50) }
        }
        #expect(try found(store).allSatisfy { $0.elementsEqual(0..<Self.polls) })
    }
}
