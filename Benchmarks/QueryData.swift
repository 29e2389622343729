// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Samples
internal import Storage
internal import Telemetry

/// The samples of Prometheus' own query benchmark: 1,443 counters of 18,640 points, 10 s apart.
///
/// They are generated up to the present and kept in both servers' own files under the build directory
/// for half an hour: what is older has left both servers' memory by the time they have started.
/// Source: Prometheus, promql/bench_test.go: the shapes, not the code.
struct QueryData {
    static let points = 18_640
    static let intervalMs: Int64 = 10_000
    private static let maxAgeMs: Int64 = 30 * 60_000

    /// When the first point is; the last is `points - 1` intervals later.
    let startMs: Int64

    /// The time of the last point.
    var endMs: Int64 { time(Self.points - 1) }

    private func time(_ point: Int) -> Int64 { startMs + Int64(point) * Self.intervalMs }

    /// `a_SIZE`, `b_SIZE` and a histogram `h_SIZE` of eleven buckets, for one, ten and a hundred
    /// label values, and one series with a sample in every tenth point only.
    static let series: [[(String, String)]] = {
        var series: [[(String, String)]] = []
        for (size, count) in [("one", 1), ("ten", 10), ("hundred", 100)] {
            for index in 0..<count {
                let l = count == 1 ? [] : [("l", "\(index)")]
                series.append([("__name__", "a_\(size)")] + l)
                series.append([("__name__", "b_\(size)")] + l)
                for bound in (0..<10).map({ "\($0)" }) + ["+Inf"] {
                    let le = ("le", bound)
                    series.append([("__name__", "h_\(size)")] + l + [le])
                }
            }
        }
        return series.map { $0.sorted { $0.0 < $1.0 } } + [[("__name__", "sparse"), ("l", "0")]]
    }()

    /// The value of a series at a point; nil where it has none.
    static func value(_ series: Int, _ point: Int) -> Double? {
        if series == Self.series.count - 1, point % 10 != 0 { return nil }
        return Double(point) + Double(series) / Double(Self.series.count)
    }

    /// Makes both servers' files under `folder` where they are missing or old.
    static func prepare(in folder: String, _ report: Report) async throws -> QueryData {
        let mark = folder + "/start"
        if let bytes = try? contents(ofFile: mark),
            let start = Int64(String(decoding: bytes, as: UTF8.self))
        {
            let data = QueryData(startMs: start)
            if wallClockMilliseconds() - data.endMs < maxAgeMs { return data }
        }
        report.note("generating \(series.count) series of \(points) points")
        let data = try beginning(in: folder)
        try await data.fillNightjar(folder + "/nightjar")
        try await data.fillPrometheus(folder + "/prometheus")
        try writeText("\(data.startMs)", to: mark)
        return data
    }

    /// Samples that end now, and empty directories for both servers.
    static func beginning(in folder: String) throws -> QueryData {
        try ChildProcess.run(["rm", "-rf", folder])
        try ChildProcess.run(["mkdir", "-p", folder + "/nightjar", folder + "/prometheus"])
        let now = wallClockMilliseconds() / intervalMs * intervalMs
        return QueryData(startMs: now - Int64(points - 1) * intervalMs)
    }

    private func fillNightjar(_ folder: String) async throws {
        let options = StorageOptions(path: folder, retention: .seconds(1 << 40))
        let store = try await SeriesStore.open(options, telemetry: Registry())
        let labels = Self.series.map { LabelSet($0) }
        let target = TargetID(kind: "scrape", name: "benchmark")
        for point in 0..<Self.points {
            let now = Timestamp(milliseconds: time(point))
            let samples = labels.indices.compactMap { index in
                Self.value(index, point).map {
                    SeriesSample(labels: labels[index], value: $0, time: now)
                }
            }
            let family = MetricFamily(name: "x", kind: .counter, help: "", samples: samples)
            store.append(SampleBatch(time: now, families: [family]), from: target)
            if point % 100 == 99 { await store.flush() }
        }
        await store.close()
    }

    private func fillPrometheus(_ folder: String) async throws {
        let server = try await Peer.prometheus(data: folder)
        defer { server.stop() }
        try await fill(server)
        // What is older than three hours must be in blocks, as it is in a server that ran on.
        for _ in 0..<300 {
            let first = try await server.metric("prometheus_tsdb_head_min_time") ?? 0
            if Double(endMs) - first < 4 * 3_600_000 { return }
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// Sends all samples to a server by remote write.
    func fill(_ server: Peer) async throws {
        for first in stride(from: 0, to: Self.points, by: 100) {
            var body = RemoteWriteBody()
            for (index, labels) in Self.series.enumerated() {
                let samples = (first..<min(Self.points, first + 100)).compactMap { point in
                    Self.value(index, point).map { (time(point), $0) }
                }
                body.add(labels, samples)
            }
            _ = try await server.answer("/api/v1/write", body: body.snappy)
        }
    }
}
