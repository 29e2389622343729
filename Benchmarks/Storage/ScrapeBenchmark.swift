// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Exposition
internal import Samples
internal import Storage
internal import Telemetry

/// What a scrape of 100,000 series costs once the bytes are here: reading, finding and appending.
///
/// The values are those of the real mix, and the page's series get a target's labels.
extension Benchmark {
    static let storageScrape = Benchmark(name: "storage-scrape") { report in
        try await withDirectory { path in
            let store = try await SeriesStore.open(
                StorageOptions(path: path),
                telemetry: Registry()
            )
            var mix = RealMix(series: 100_000)
            var reader = ExpositionReader()
            var costs: [(read: Double, append: Double)] = []
            for poll in 0..<Int64(40) {
                let bytes = page(mix)
                let time = Timestamp(milliseconds: 1_700_000_000_000 + poll * 15_000)
                let start = processSeconds()
                let page = reader.read(bytes, format: .text) { $0.setting("pod", to: "mix-0") }
                let middle = processSeconds()
                let batch = SampleBatch(time: time, families: page.families)
                let outcome = store.append(batch, from: TargetID(kind: "scrape", name: "mix"))
                costs.append((middle - start, processSeconds() - middle))
                if outcome.appended != 100_000 {
                    report.differs("scrape of 100,000 series", "\(outcome.appended) samples")
                }
                await store.flush()
                mix.step()
            }
            // The first scrapes make the series; after that the median.
            let usual = costs.dropFirst(3).sorted { $0.read + $0.append < $1.read + $1.append }
            let median = usual[usual.count / 2]
            let all = (median.read + median.append) * 1e3
            report.atMost("scrape of 100,000 series, CPU", all, 60, unit: "ms")
            report.told("of it reading the page", median.read * 1e3, unit: "ms")
            report.told("the first scrape", (costs[0].read + costs[0].append) * 1e3, unit: "ms")
            await store.close()
        }
    }
}

/// The mix as a page of the text format.
private func page(_ mix: RealMix) -> [UInt8] {
    var text = ""
    for (labels, value) in zip(mix.labels, mix.values) {
        let rest = labels.pairs.dropFirst().map { "\($0.name)=\"\($0.value)\"" }
        text += "\(labels.metricName){\(rest.joined(separator: ","))} \(value)\n"
    }
    return Array(text.utf8)
}
