// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Storage
internal import Telemetry

/// What a sample costs on disk, and how long a start takes, with 24 hours of 10,000 series at 15 s.
extension Benchmark {
    static let storageDisk = Benchmark(name: "storage-disk") { report in
        let polls = Int64(24 * 240)
        try await withDirectory { path in
            var mix = RealMix(series: 10_000)
            let count = try await fill(path, polls: polls) { time in
                mix.step()
                return mix.batch(at: time)
            }
            let bytes = Double(directoryBytes(path)) / count
            report.atMost("bytes a sample on disk, real mix", bytes, 1.5, unit: "B")
            try await start(path, report)
        }
        try await withDirectory { path in
            var random = SplitMix(state: 7)
            let mix = RealMix(series: 1_000)
            let count = try await fill(path, polls: polls) { time in
                var batch = mix.batch(at: time)
                for family in batch.families.indices {
                    for sample in batch.families[family].samples.indices {
                        batch.families[family].samples[sample].value = random.unit()
                    }
                }
                return batch
            }
            let bytes = Double(directoryBytes(path)) / count
            report.told("bytes a sample on disk, random doubles", bytes, unit: "B")
        }
    }
}

/// Appends polls of one target to a store of its own; returns how many samples that were.
private func fill(
    _ path: String,
    polls: Int64,
    _ batch: (Timestamp) -> SampleBatch
) async throws -> Double {
    let store = try await SeriesStore.open(StorageOptions(path: path), telemetry: Registry())
    var count = 0
    for poll in 0..<polls {
        let time = Timestamp(milliseconds: 1_700_000_000_000 + poll * 15_000)
        count += store.append(batch(time), from: TargetID(kind: "scrape", name: "mix")).appended
        await store.flush()
    }
    await store.close()
    return Double(count)
}

/// Opens the store and asks for a range of one metric, old and new.
private func start(_ path: String, _ report: Report) async throws {
    let clock = ContinuousClock()
    let began = clock.now
    let store = try await SeriesStore.open(StorageOptions(path: path), telemetry: Registry())
    let name = Matcher("__name__", equals: "service_7_requests_processed_total")
    let end = Timestamp(milliseconds: 1_700_000_000_000 + 24 * 3_600_000)
    let found = try store.select([name], from: end - .seconds(86_400), through: end)
    let seconds = (clock.now - began).inSeconds
    if found.count != 100 || found.contains(where: { $0.count != 24 * 240 }) {
        report.differs("first answer after a start", "\(found.count) series")
    }
    report.atMost("start to first answer, 24 h of 10,000", seconds, 1, unit: "s")
    let again = clock.now
    let all = try store.select([], from: end - .seconds(86_400), through: end)
    let samples = Double(all.reduce(0) { $0 + $1.count })
    report.told("select a sample, 24 h", (clock.now - again).inSeconds / samples * 1e9, unit: "ns")
}
