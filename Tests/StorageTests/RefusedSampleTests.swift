// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Telemetry
import Testing

@testable import Storage

@Suite struct RefusedSampleTests {
    private let telemetry = Registry()
    private let labels: LabelSet = ["__name__": "m"]

    private func open(_ options: StorageOptions = .memory) async throws -> SeriesStore {
        try await SeriesStore.open(options, telemetry: telemetry)
    }

    private func one(_ second: Int64, _ value: Double) -> [SeriesSamples] {
        [SeriesSamples(labels: labels, times: [second * 1_000], values: [value])]
    }

    private func metric(_ name: String) -> Double? {
        telemetry.collect().first { $0.name == name }?.samples.first?.value
    }

    @Test func `late, repeated and conflicting samples are told apart and counted`() async throws {
        let store = try await open()
        #expect(store.append(one(10, 1), at: at(10)).appended == 1)
        #expect(store.append(one(10, 1), at: at(10)).duplicate == 1)
        #expect(store.append(one(10, 2), at: at(10)).conflicting == 1)
        #expect(store.append(one(9, 3), at: at(10)).late == 1)
        #expect(metric("nightjar_storage_samples_duplicate_total") == 1)
        #expect(metric("nightjar_storage_samples_conflicting_total") == 1)
        #expect(metric("nightjar_storage_samples_late_total") == 1)
        let found = try store.select([], from: at(0), through: at(100))
        #expect(found.map(\.values) == [[1]])
    }

    @Test func `a batch that comes again is all duplicates, in full chunks and in the open one`()
        async throws
    {
        let store = try await open()
        let times = ContiguousArray((0..<200).map { Int64($0) * 15_000 })
        let values = ContiguousArray((0..<200).map { Double($0) })
        let batch = [SeriesSamples(labels: labels, times: times, values: values)]
        #expect(store.append(batch, at: at(3_000)).appended == 200)
        #expect(store.append(batch, at: at(3_000)).duplicate == 200)
        #expect(store.append(one(15, 7), at: at(3_000)).conflicting == 1)
        #expect(store.append(one(16, 7), at: at(3_000)).late == 1)
    }

    @Test func `values are compared bit for bit`() async throws {
        let store = try await open()
        store.append(one(10, .stalenessMarker), at: at(10))
        #expect(store.append(one(10, .stalenessMarker), at: at(10)).duplicate == 1)
        #expect(store.append(one(10, .nan), at: at(10)).conflicting == 1)
        store.append(one(11, 0), at: at(11))
        #expect(store.append(one(11, -0.0), at: at(11)).conflicting == 1)
    }

    @Test func `samples older than the retention or far ahead are dropped and make no series`()
        async throws
    {
        let store = try await open(StorageOptions(retention: .seconds(3_600)))
        #expect(store.append(one(6_399, 1), at: at(10_000)).tooOld == 1)
        #expect(store.append(one(10_601, 1), at: at(10_000)).tooFarAhead == 1)
        #expect(try store.series([], from: at(0), through: at(20_000)).isEmpty)
        #expect(store.append(one(6_400, 1), at: at(10_000)).appended == 1)
        #expect(store.append(one(10_600, 1), at: at(10_000)).appended == 1)
        #expect(metric("nightjar_storage_samples_out_of_bounds_total") == 2)
    }

    @Test func `a bad sample costs itself and no other`() async throws {
        let store = try await open()
        store.append(one(100, 1), at: at(100))
        let mixed = SeriesSamples(
            labels: labels,
            times: [90_000, 100_000, 110_000, 900_000],
            values: [1, 2, 3, 4]
        )
        let outcome = store.append([mixed], at: at(120))
        #expect(outcome.appended == 1)
        #expect(outcome.late == 1)
        #expect(outcome.conflicting == 1)
        #expect(outcome.tooFarAhead == 1)
        #expect(outcome.refused == 3)
    }

    @Test func `how many texts are known is told`() async throws {
        let store = try await open()
        store.append(one(10, 1), at: at(10))
        let before = try #require(metric("nightjar_storage_symbols"))
        let labels = LabelSet((0..<100).map { ("name\($0)", "never seen before \($0)") })
        let new = SeriesSamples(labels: labels, times: [10_000], values: [1])
        store.append([new], at: at(10))
        #expect((metric("nightjar_storage_symbols") ?? 0) >= before + 100)
        #expect(!Symbol.isTableFull)
    }

    @Test func `described metrics are known`() async throws {
        let store = try await open()
        store.describe(["m": MetricMetadata(kind: .counter, help: "Things")])
        #expect(store.metadata["m"]?.kind == .counter)
    }
}
