// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Samples

/// What series cost in the memory of a whole daemon: 100,000 of them with the two hours up to now at
/// 15 s, which come by remote write, eight polls at a time.
extension Benchmark {
    static let daemonMemory = Benchmark(name: "daemon-memory") { report in
        try await withDirectory { path in
            try ChildProcess.run(["mkdir", "-p", path])
            let nightjar = try await Peer.nightjar(data: path)
            defer { nightjar.stop() }
            let before = nightjar.residentBytes
            let count = 100_000
            try await send(RealMix(series: count), to: nightjar)
            // It gives back what it freed once a minute, and has packed its chunks by then.
            try await Task.sleep(for: .seconds(75))
            let bytes = Double(nightjar.residentBytes) / Double(count)
            report.atMost("memory a series, the whole daemon", bytes, 1_200, unit: "B")
            report.told("of it before any series", Double(before) / Double(count), unit: "B")
            let samples = try await nightjar.metric("nightjar_storage_samples_appended_total") ?? 0
            if samples < Double(count * polls) {
                report.differs("samples that the daemon took", short(samples))
            }
        }
    }
}

private let polls = 480

private func send(_ start: RealMix, to nightjar: Peer) async throws {
    var mix = start
    let names = mix.labels.map(\.pairs)
    let intervalMs: Int64 = 15_000
    let first = wallClockMilliseconds() - Int64(polls) * intervalMs
    for poll in stride(from: 0, to: polls, by: 8) {
        var values: [[Double]] = []
        for _ in 0..<8 {
            values.append(mix.values)
            mix.step()
        }
        for start in stride(from: 0, to: names.count, by: 2_000) {
            var body = RemoteWriteBody()
            for series in start..<min(start + 2_000, names.count) {
                let samples = values.indices.map { step in
                    (first + Int64(poll + step) * intervalMs, values[step][series])
                }
                body.add(names[series].map { ($0.name, $0.value) }, samples)
            }
            _ = try await nightjar.answer("/api/v1/write", body: body.snappy)
        }
    }
}
