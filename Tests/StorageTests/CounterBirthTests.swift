// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Telemetry
import TestSupport
import Testing

@testable import Storage

@Suite struct CounterBirthTests {
    private func family(
        _ values: [String: Double],
        _ kind: MetricKind = .counter,
        name: String = "m",
        sample: String? = nil
    ) -> MetricFamily {
        var family = MetricFamily(name: name, kind: kind, help: "")
        for (label, value) in values.sorted(by: { $0.key < $1.key }) {
            let labels: LabelSet = ["__name__": sample ?? name, "a": label]
            family.samples.append(SeriesSample(labels: labels, value: value))
        }
        return family
    }

    @discardableResult
    private func poll(
        _ store: SeriesStore,
        _ second: Int64,
        _ families: [MetricFamily],
        after last: Int64?,
        except exceptions: Set<String> = []
    ) -> AppendOutcome {
        store.append(
            SampleBatch(time: at(second), families: families),
            from: web,
            birth: last.map { CounterBirth(after: at($0), except: exceptions) }
        )
    }

    private func samples(_ store: SeriesStore, _ label: String) throws -> [Int64: Double] {
        let wanted = Matcher("a", equals: label)
        let found = try store.select([wanted], from: at(0), through: at(1_000))
        var result: [Int64: Double] = [:]
        for series in found {
            for (time, value) in zip(series.times, series.values) { result[time / 1_000] = value }
        }
        return result
    }

    private func store() async throws -> SeriesStore {
        try await SeriesStore.open(.memory, telemetry: Registry())
    }

    @Test func `a counter that the poll before had not was zero then`() async throws {
        let store = try await store()
        poll(store, 15, [family(["x": 5])], after: nil)
        let outcome = poll(store, 30, [family(["x": 6, "y": 3])], after: 15)
        #expect(outcome.born == 1)
        #expect(outcome.appended == 2)
        #expect(try samples(store, "x") == [15: 5, 30: 6])
        #expect(try samples(store, "y") == [15: 0, 30: 3])
        poll(store, 45, [family(["x": 6, "y": 4])], after: 30)
        #expect(try samples(store, "y") == [15: 0, 30: 3, 45: 4])
    }

    @Test func `a counter that comes back has its past and no zero`() async throws {
        let store = try await store()
        poll(store, 15, [family(["x": 5])], after: nil)
        poll(store, 30, [family([:])], after: 15)
        let outcome = poll(store, 45, [family(["x": 7])], after: 30)
        #expect(outcome.born == 0)
        let kept = try samples(store, "x")
        #expect(kept[15] == 5)
        #expect(kept[30]?.isStalenessMarker == true)
        #expect(kept[45] == 7)
    }

    @Test func `only what grows begins at zero`() async throws {
        let store = try await store()
        poll(store, 15, [], after: nil)
        let families = [
            family(["gauge": 1], .gauge), family(["unknown": 1], .unknown, name: "u"),
            family(["bucket": 1], .histogram, name: "h", sample: "h_bucket"),
            family(["quantile": 1], .summary, name: "s"),
            family(["count": 1], .summary, name: "s", sample: "s_count"),
            family(["zero": 0, "nan": .nan], name: "z"),
        ]
        #expect(poll(store, 30, families, after: 15).born == 2)
        #expect(try samples(store, "bucket") == [15: 0, 30: 1])
        #expect(try samples(store, "count") == [15: 0, 30: 1])
        for label in ["gauge", "unknown", "quantile", "zero"] {
            #expect(try samples(store, label).count == 1, "\(label)")
        }
    }

    @Test func `what shows only a choice, or has times of its own, does not`() async throws {
        let store = try await store()
        poll(store, 15, [], after: nil)
        #expect(poll(store, 30, [family(["x": 9])], after: 15, except: ["m"]).born == 0)
        var own = family(["y": 9])
        own.samples[0].time = at(29)
        #expect(poll(store, 30, [own], after: 15).born == 0)
        #expect(poll(store, 30, [family(["late": 9])], after: 30).born == 0)
    }

    @Test func `the zeros are on disk, and a restart does not write them again`() async throws {
        let directory = TemporaryDirectory()
        let options = StorageOptions(path: directory.path)
        do {
            let store = try await SeriesStore.open(options, telemetry: Registry())
            poll(store, 15, [family(["x": 5])], after: nil)
            poll(store, 30, [family(["x": 5, "y": 3])], after: 15)
            await store.flush()
        }
        let store = try await SeriesStore.open(options, telemetry: Registry())
        #expect(try samples(store, "y") == [15: 0, 30: 3])
        #expect(poll(store, 60, [family(["x": 5, "y": 3])], after: 45).born == 0)
    }
}
