// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Telemetry
import TestSupport
import Testing

@testable import Storage

/// Ranges of a history that is on disk only, over chunk and period edges.
struct DiskRangeTests {
    private let directory = TemporaryDirectory()

    private func open() async throws -> SeriesStore {
        let options = StorageOptions(path: directory.path, retention: .seconds(365 * 86_400))
        return try await SeriesStore.open(options, telemetry: Registry())
    }

    /// Steps of 50 ms, seconds, minutes and hours, so that chunks are short and long, begin in the
    /// same slot of a key, and reach over the ends of periods.
    private static let times: [Int64] = {
        var times: [Int64] = []
        var time: Int64 = 3 * 3_600_000
        for step in 0..<3_000 {
            times.append(time)
            time += step % 500 < 250 ? 50 : step % 97 == 0 ? 3_600_000 : 20_000
        }
        return times
    }()

    @Test func `every range of the disk gives exactly its samples`() async throws {
        let times = Self.times
        let labels: LabelSet = ["__name__": "m"]
        do {
            let store = try await open()
            for (index, time) in times.enumerated() {
                let sample = Sample(time: Timestamp(milliseconds: time), value: Double(index))
                store.append(
                    [SeriesSample(labels: labels, value: sample.value)],
                    at: sample.time
                )
                if index % 130 == 129 { await store.flush() }
            }
            await store.close()
        }
        let store = try await open()
        let matchers = [Matcher("__name__", equals: "m")]
        for index in stride(from: 0, to: times.count, by: 7) {
            for length in [0, 1, 49, 1_300, 20_000, 1_800_000, 21_600_000] as [Int64] {
                for shift in [-1, 0, 1] as [Int64] {
                    let from = times[index] + shift
                    let expected = times.filter { $0 >= from && $0 <= from + length }
                    let found = try store.select(
                        matchers,
                        from: Timestamp(milliseconds: from),
                        through: Timestamp(milliseconds: from + length)
                    )
                    #expect(Array(found.first?.times ?? []) == expected, "\(from) + \(length)")
                }
            }
        }
    }
}
