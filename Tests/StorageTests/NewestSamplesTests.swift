// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Telemetry
import TestSupport
import Testing

@testable import Storage

@Suite struct NewestSamplesTests {
    /// What is found of each series: `label=value@second`.
    private func read(_ store: SeriesStore, _ from: Int64, _ through: Int64) throws -> [String] {
        let matchers = [Matcher("__name__", equals: "m")]
        let found = try store.newest(matchers, from: at(from), through: at(through))
        return found.labels.indices.map { place in
            let (time, value) = (found.times[place] / 1_000, Int(found.values[place]))
            return found.labels[place]["a"] + "=\(value)@\(time)"
        }
    }

    @Test func `the newest sample of the range is found, sorted, without ended series`()
        async throws
    {
        let store = try await SeriesStore.open(.memory, telemetry: Registry())
        #expect(try read(store, 0, 100) == [])
        store.append(batch(10, "m", ["b": 2, "a": 1]), from: web)
        #expect(try read(store, 0, 100) == ["a=1@10", "b=2@10"])
        store.append(batch(20, "m", ["a": 3]), from: web)
        #expect(try read(store, 0, 100) == ["a=3@20"])
        #expect(try read(store, 0, 15) == ["a=1@10", "b=2@10"])
        #expect(try read(store, 21, 100) == [])
        #expect(try read(store, 0, 9) == [])
    }

    @Test func `it is found in chunks that are full, and on disk`() async throws {
        let folder = TemporaryDirectory()
        var options = StorageOptions.standard
        options.path = folder.file("data")
        func check(_ store: SeriesStore) throws {
            for last in [1, 119, 120, 121, 300, 500, 900] as [Int64] {
                #expect(try read(store, 0, last) == ["a=\(min(last, 500))@\(min(last, 500))"])
            }
        }
        do {
            let store = try await SeriesStore.open(options, telemetry: Registry())
            for second in 1...500 as ClosedRange<Int64> {
                store.append(batch(second, "m", ["a": Double(second)]), from: web)
            }
            try check(store)
            await store.close()
        }
        let again = try await SeriesStore.open(options, telemetry: Registry())
        try check(again)
        await again.close()
    }
}
