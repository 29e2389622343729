// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Telemetry
import Testing

@testable import Storage

/// A batch of one gauge with values by label `a`.
func batch(_ seconds: Int64, _ name: String, _ values: [String: Double]) -> SampleBatch {
    var family = MetricFamily(name: name, kind: .gauge, help: "A test")
    for (label, value) in values.sorted(by: { $0.key < $1.key }) { family.add(value, ["a": label]) }
    return SampleBatch(time: at(seconds), families: [family])
}

func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1_000) }

let web = TargetID(kind: "scrape", name: "web")

@Suite struct SeriesStoreTests {
    private func open(_ options: StorageOptions = .memory) async throws -> SeriesStore {
        try await SeriesStore.open(options, telemetry: Registry())
    }

    private func all(_ store: SeriesStore, _ name: String = "m") throws -> [SeriesSamples] {
        try store.select([Matcher("__name__", equals: name)], from: at(0), through: at(1 << 40))
    }

    @Test func `samples come back in time order, series in label order`() async throws {
        let store = try await open()
        #expect(store.append(batch(10, "m", ["b": 2, "a": 1]), from: web).appended == 2)
        #expect(store.append(batch(25, "m", ["b": 4, "a": 3]), from: web).appended == 2)
        let found = try all(store)
        #expect(found.map(\.labels.description) == ["m{a=\"a\"}", "m{a=\"b\"}"])
        #expect(found.map(\.times) == [[10_000, 25_000], [10_000, 25_000]])
        #expect(found.map(\.values) == [[1, 3], [2, 4]])
    }

    @Test func `a series that its target no longer has ends with one staleness marker`()
        async throws
    {
        let store = try await open()
        store.append(batch(10, "m", ["a": 1, "b": 2]), from: web)
        #expect(store.append(batch(20, "m", ["a": 1]), from: web).ended == 1)
        #expect(store.append(batch(30, "m", ["a": 1]), from: web).ended == 0)
        let gone = try #require(try all(store).last)
        #expect(gone.times == [10_000, 20_000])
        #expect(gone.values.last?.isStalenessMarker == true)
    }

    @Test func `another target's batch does not end a series`() async throws {
        let store = try await open()
        store.append(batch(10, "m", ["a": 1]), from: web)
        store.append(batch(11, "n", ["a": 1]), from: TargetID(kind: "scrape", name: "other"))
        #expect(try all(store).map(\.count) == [1])
    }

    @Test func `a failed poll ends all series of its target, and the next begins them again`()
        async throws
    {
        let store = try await open()
        store.append(batch(10, "m", ["a": 1, "b": 2]), from: web)
        store.endSeries(of: web, at: at(20))
        store.endSeries(of: web, at: at(30))
        #expect(try all(store).map(\.times) == [[10_000, 20_000], [10_000, 20_000]])
        store.append(batch(40, "m", ["a": 1]), from: web)
        #expect(try all(store).map(\.count) == [3, 2])
    }

    @Test func `a sample with a time of its own keeps it and does not end`() async throws {
        let store = try await open()
        var one = batch(100, "m", [:])
        one.families[0].samples = [
            SeriesSample(labels: ["__name__": "m"], value: 7, time: at(95))
        ]
        store.append(one, from: web)
        store.append(batch(110, "m", [:]), from: web)
        #expect(try all(store).map(\.times) == [[95_000]])
        one.families[0].samples[0].time = at(100 + 601)
        #expect(store.append(one, from: web).tooFarAhead == 1)
    }

    @Test func `both ends of a range are inclusive and what lies outside is left out`() async throws
    {
        let store = try await open()
        for second in stride(from: Int64(0), to: 6_000, by: 10) {
            store.append(batch(second, "m", ["a": Double(second)]), from: web)
        }
        let name = Matcher("__name__", equals: "m")
        let found = try store.select([name], from: at(2_000), through: at(2_500))
        #expect(found.map(\.times.first) == [2_000_000])
        #expect(found.map(\.times.last) == [2_500_000])
        #expect(found.map(\.count) == [51])
        #expect(found[0].values == ContiguousArray(stride(from: 2_000, through: 2_500, by: 10)))
        #expect(try store.select([name], from: at(6_000), through: at(7_000)).isEmpty)
    }

    @Test func `matchers of every kind select as in Prometheus`() async throws {
        let store = try await open()
        store.append(batch(10, "m", ["x": 1, "y": 2, "z": 3, "": 4]), from: web)
        store.append([SeriesSample(labels: ["__name__": "n", "a": "x"], value: 1)], at: at(10))
        func names(_ matchers: Matcher...) throws -> [String] {
            try store.select(matchers, from: at(0), through: at(20)).map(\.labels.description)
        }
        let name = Matcher("__name__", equals: "m")
        #expect(try names(name, Matcher("a", equals: "y")) == ["m{a=\"y\"}"])
        #expect(try names(name, Matcher("a", equals: "")) == ["m"])
        #expect(try names(name, Matcher("a", .notEqual, "x")) == ["m", "m{a=\"y\"}", "m{a=\"z\"}"])
        #expect(try names(name, Matcher("a", .matches, "x|y")) == ["m{a=\"x\"}", "m{a=\"y\"}"])
        #expect(try names(name, Matcher("a", .matches, "x|")) == ["m", "m{a=\"x\"}"])
        #expect(try names(name, Matcher("a", .matchesNot, "x|y")) == ["m", "m{a=\"z\"}"])
        #expect(try names(Matcher("a", .matches, "x.*")) == ["m{a=\"x\"}", "n{a=\"x\"}"])
        #expect(try names(Matcher("b", equals: "none")).isEmpty)
        #expect(try names(Matcher("b", equals: "")).count == 5)
    }

    @Test func `series, names and values of labels are listed within a range`() async throws {
        let store = try await open()
        store.append(batch(10, "m", ["x": 1, "y": 2]), from: web)
        store.append([SeriesSample(labels: ["__name__": "n", "b": "z"], value: 1)], at: at(100))
        let (start, end) = (at(0), at(1_000))
        let listed = try store.series(
            [[Matcher("__name__", equals: "m")]],
            from: start,
            through: end
        )
        #expect(listed.map(\.description) == ["m{a=\"x\"}", "m{a=\"y\"}"])
        let both = [[Matcher("a", equals: "x")], [Matcher("b", equals: "z")]]
        #expect(try store.series(both, from: start, through: end).count == 2)
        #expect(try store.labelNames([], from: start, through: end) == ["__name__", "a", "b"])
        #expect(try store.labelNames([], from: at(50), through: end) == ["__name__", "b"])
        #expect(try store.labelValues("a", [], from: start, through: end) == ["x", "y"])
        #expect(try store.labelValues("none", [], from: start, through: end) == [])
    }

    @Test func `samples of series above the limit are dropped and counted`() async throws {
        let store = try await open(StorageOptions(maxSeries: 2))
        let outcome = store.append(batch(10, "m", ["x": 1, "y": 2, "z": 3]), from: web)
        #expect(outcome.appended == 2)
        #expect(outcome.dropped == 1)
    }

    @Test func `metadata is that of the last batch`() async throws {
        let store = try await open()
        store.append(batch(10, "m", ["x": 1]), from: web)
        #expect(store.metadata == ["m": MetricMetadata(kind: .gauge, help: "A test")])
    }
}
