// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Telemetry
import TestSupport
import Testing

@testable import Storage

@Suite struct LatestSamplesTests {
    /// What is known of each series: `label=value@second`, ended ones left out.
    private func read(
        _ store: SeriesStore,
        _ latest: inout LatestSamples,
        _ from: Int64,
        _ through: Int64
    ) throws -> [String] {
        try store.read(&latest, from: at(from), through: at(through))
        return latest.labels.indices.compactMap { place in
            guard !latest.values[place].isStalenessMarker else { return nil }
            let (time, value) = (latest.times[place] / 1_000, Int(latest.values[place]))
            return latest.labels[place]["a"] + "=\(value)@\(time)"
        }
    }

    private func selector(_ name: String) -> [Matcher] { [Matcher("__name__", equals: name)] }

    @Test func `the newest sample of the range counts, unless the series ended`() async throws {
        let store = try await SeriesStore.open(.memory, telemetry: Registry())
        var latest = LatestSamples([selector("m")])
        #expect(try read(store, &latest, 0, 100) == [])
        store.append(batch(10, "m", ["a": 1, "b": 2]), from: web)
        #expect(try read(store, &latest, 0, 100) == ["a=1@10", "b=2@10"])
        store.append(batch(20, "m", ["a": 3]), from: web)
        #expect(try read(store, &latest, 0, 100) == ["a=3@20"])
        #expect(try read(store, &latest, 0, 15) == ["a=1@10", "b=2@10"])
        #expect(try read(store, &latest, 21, 100) == [])
        #expect(try read(store, &latest, 0, 9) == [])
    }

    @Test func `the list is found again only after series came or went`() async throws {
        let store = try await SeriesStore.open(.memory, telemetry: Registry())
        var latest = LatestSamples([selector("m"), selector("m"), selector("n")])
        store.append(batch(10, "m", ["a": 1]), from: web)
        _ = try read(store, &latest, 0, 100)
        let generation = latest.generation
        let version = store.version
        store.append(batch(20, "m", ["a": 2]), from: web)
        #expect(store.version != version)
        #expect(try read(store, &latest, 0, 100) == ["a=2@20"])
        #expect(latest.generation == generation)
        store.append(batch(20, "n", ["c": 5]), from: TargetID(kind: "scrape", name: "other"))
        #expect(try read(store, &latest, 0, 100) == ["a=2@20", "c=5@20"])
        #expect(latest.generation != generation)
    }

    @Test func `what memory has no more is read from disk`() async throws {
        let folder = TemporaryDirectory()
        var options = StorageOptions.standard
        options.path = folder.file("data")
        do {
            let store = try await SeriesStore.open(options, telemetry: Registry())
            store.append(batch(10, "m", ["a": 7]), from: web)
            await store.close()
        }
        let again = try await SeriesStore.open(options, telemetry: Registry())
        var latest = LatestSamples([selector("m")])
        #expect(try read(again, &latest, 0, 100) == ["a=7@10"])
        await again.close()
    }
}
