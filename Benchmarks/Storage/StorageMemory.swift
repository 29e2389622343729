// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Storage
internal import Telemetry

/// What series cost in memory: 100,000 of them with two hours at 15 s, and each append.
///
/// It counts the whole process, so it comes before benchmarks that leave much behind.
extension Benchmark {
    static let storageMemory = Benchmark(name: "storage-memory") { report in
        try await withDirectory { path in
            let before = residentBytes()
            let options = StorageOptions(path: path)
            let store = try await SeriesStore.open(options, telemetry: Registry())
            let count = 100_000
            let target = TargetID(kind: "scrape", name: "mix")
            var seconds = 0.0
            do {
                var mix = RealMix(series: count)
                for poll in 0..<Int64(480) {
                    let batch = mix.batch(
                        at: Timestamp(milliseconds: 1_700_000_000_000 + poll * 15_000)
                    )
                    let start = processSeconds()
                    store.append(batch, from: target)
                    seconds += processSeconds() - start
                    await store.flush()
                    mix.step()
                }
            }
            let bytes = Double(residentBytes()) / Double(count)
            report.atMost("memory a series, 100,000 with two hours", bytes, 1_200, unit: "B")
            report.told("of it before any series", Double(before) / Double(count), unit: "B")
            report.told(
                "append of one sample of 100,000",
                seconds / 480 / Double(count) * 1e9,
                unit: "ns"
            )
            await store.close()
        }
    }
}
