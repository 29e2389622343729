// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Locking
import SQLite
import Samples
import Telemetry
import TestSupport
import Testing

@testable import Storage

/// What memory has after a start.
struct WarmStartTests {
    private let directory = TemporaryDirectory()
    private let window: Int64 = 3 * 3_600_000

    private func open() async throws -> SeriesStore {
        try await SeriesStore.open(StorageOptions(path: directory.path), telemetry: Registry())
    }

    /// A sample each 15 s; flushes each minute.
    private func fill(
        _ store: SeriesStore,
        _ names: [String],
        from start: Int64,
        count: Int64
    ) async {
        for step in 0..<count {
            let second = start + step * 15
            let values = Dictionary(uniqueKeysWithValues: names.map { ($0, Double(second)) })
            store.append(batch(second, "m", values), from: web)
            if step % 4 == 3 { await store.flush() }
        }
        await store.flush()
    }

    private func all(_ store: SeriesStore, from: Int64 = -1 << 40) throws -> [SeriesSamples] {
        try store.select([Matcher("__name__", equals: "m")], from: at(from), through: at(1 << 40))
    }

    private func memoryStarts(_ store: SeriesStore) -> [Int64] {
        store.head.withLock { head in head.series.map(\.memoryStart) }
    }

    @Test func `a start brings the recent hours back, and no sample twice`() async throws {
        let names = (0..<300).map { "s\($0)" }
        let end: Int64 = 7 * 3_600 - 15
        do {
            let store = try await open()
            await fill(store, names, from: 0, count: 7 * 240)
            await store.close()
        }
        let store = try await open()
        #expect(memoryStarts(store).contains { $0 > end * 1_000 - window })
        await store.warmUp()
        #expect(memoryStarts(store).allSatisfy { $0 <= end * 1_000 - window })
        #expect(memoryStarts(store).allSatisfy { $0 > end * 1_000 - window - Series.spanMs })
        let expected = ContiguousArray((0..<Int64(7 * 240)).map { $0 * 15_000 })
        for found in [try all(store), try all(store)] {
            #expect(found.count == names.count)
            #expect(found.allSatisfy { $0.times == expected })
        }
        await store.warmUp()
        await fill(store, names, from: end + 15, count: 480)
        #expect(try all(store).allSatisfy { $0.count == 9 * 240 })
    }

    @Test func `samples that come while memory is brought back stay in order`() async throws {
        do {
            let store = try await open()
            await fill(store, ["a", "b"], from: 0, count: 2_000)
        }
        let store = try await open()
        let task = Task { await store.run(every: .milliseconds(1)) }
        await fill(store, ["a", "b"], from: 30_000, count: 500)
        task.cancel()
        await task.value
        let expected = ContiguousArray((0..<Int64(2_500)).map { $0 * 15_000 })
        #expect(try all(store).allSatisfy { $0.times == expected })
    }

    @Test func `rows that were joined come back in pieces that begin with the window`() async throws
    {
        do {
            let store = try await open()
            await fill(store, ["a"], from: 0, count: 3 * 1_440)
            _ = try await store.disk?.perform { database throws(DatabaseError) in
                var compaction = Compaction()
                for _ in 0..<10 { try compaction.slice(&database, endedBefore: 1 << 50) }
            }
            await store.close()
        }
        let store = try await open()
        await store.warmUp()
        let newest: Int64 = (3 * 1_440 - 1) * 15_000
        #expect(memoryStarts(store) == [newest - window])
        #expect(try all(store).map(\.count) == [3 * 1_440])
    }

    @Test func `old data that has not ended keeps its end in memory, ended data does not`()
        async throws
    {
        do {
            let store = try await open()
            let gone = SeriesSample(labels: ["__name__": "m", "a": "gone"], value: 1)
            let left = SeriesSample(labels: ["__name__": "m", "a": "left"], value: 1)
            for second in stride(from: Int64(0), to: 4_000, by: 15) {
                store.append([gone, left], at: at(second))
            }
            let stale = SeriesSample(labels: gone.labels, value: .stalenessMarker)
            store.append([stale], at: at(4_000))
            await fill(store, ["a"], from: 5_000, count: 1_440)
            #expect(memoryStarts(store)[0] == .max)
            #expect(memoryStarts(store)[1] <= 3_990_000 - 300_000)
            await store.close()
        }
        let store = try await open()
        #expect(memoryStarts(store)[0] == .max)
        #expect(memoryStarts(store)[1] == .max)
        await store.warmUp()
        #expect(memoryStarts(store)[0] == .max)
        #expect(memoryStarts(store)[1] <= 3_990_000 - 300_000)
        #expect(store.head.withLock { $0.series[0].isEnded })
        #expect(try all(store).map(\.count) == [1_440, 268, 267])
        // A day later, and after another start.
        store.append([SeriesSample(labels: ["__name__": "n"], value: 1)], at: at(100_000))
        await store.flush()
        #expect(memoryStarts(store)[1] <= 3_990_000 - 300_000)
    }
}
