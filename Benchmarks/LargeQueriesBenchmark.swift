// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO

/// Questions to many series at once, as dashboards of a cluster ask them.
///
/// The samples come by remote write into both servers as they run, so the answers come from memory.
extension Benchmark {
    static let largeQueries = Benchmark(name: "large-queries") { report in
        let folder = ".build/benchmark-data/large-queries"
        try ChildProcess.run(["rm", "-rf", folder])
        try ChildProcess.run(["mkdir", "-p", folder + "/nightjar", folder + "/prometheus"])
        let data = ClusterData(endMs: wallClockMilliseconds())
        let prometheus = try await Peer.prometheus(data: folder + "/prometheus")
        defer { prometheus.stop() }
        let nightjar = try await Peer.nightjar(data: folder + "/nightjar")
        defer { nightjar.stop() }
        try await data.fill([nightjar, prometheus])
        let cases = ClusterData.questions.map { expression, steps in
            let path = queryPath(expression, steps: steps, every: 60, end: data.endMs / 1_000)
            return PairedQuery(name: "\(expression) x \(steps)", ours: path, theirs: path)
        }
        let outcomes = try await compare(cases, nightjar, prometheus, report)
        guard !outcomes.isEmpty else { return }
        report.told("large queries: median ratio", median(outcomes.map(\.ratio)))
        report.atMost("large queries: worst ratio to Prometheus", outcomes[0].ratio, 1.2)
    }
}

/// A cluster of 5,000 pods with two containers each, and 10,000 histograms of ten buckets; two hours
/// at a minute.
struct ClusterData {
    /// The time of the last point.
    let endMs: Int64

    private static let points = 121
    private static let intervalMs: Int64 = 60_000
    private static let bounds = [
        "0.01", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf",
    ]

    /// The series of some pods, each with what it grows by; a growth of zero is a constant 1.
    private static func series(
        ofPods pods: Range<Int>
    ) -> [(labels: [(String, String)], growth: Double)] {
        pods.flatMap { pod in
            let place = [("namespace", "team-\(pod % 40)"), ("pod", "pod-\(pod)")]
            var series: [(labels: [(String, String)], growth: Double)] = []
            let node = [("__name__", "pod_info")] + [place[0], ("node", "n\(pod % 97)"), place[1]]
            series.append((node, 0))
            for container in ["main", "proxy"] {
                let name = [("__name__", "cpu_seconds_total"), ("container", container)]
                series.append((name + place, Double(pod % 501) + 1))
                for (index, bound) in bounds.enumerated() {
                    let bucket = [("__name__", "latency_bucket"), ("container", container)]
                    let labels = bucket + [("le", bound)] + place
                    series.append((labels, Double((index + 1) * (pod % 7 + 1))))
                }
            }
            return series
        }
    }

    /// Sends all samples to each of the servers by remote write, half an hour after the other, as
    /// Prometheus refuses what is an hour older than its newest sample.
    func fill(_ servers: [Peer]) async throws {
        for start in stride(from: 0, to: Self.points, by: 30) {
            let part = start..<min(start + 30, Self.points)
            for pod in stride(from: 0, to: 5_000, by: 500) {
                let message = body(part, ofPods: pod..<(pod + 500))
                for server in servers {
                    _ = try await server.answer("/api/v1/write", body: message)
                }
            }
        }
    }

    private func body(_ part: Range<Int>, ofPods pods: Range<Int>) -> [UInt8] {
        var body = RemoteWriteBody()
        for (labels, growth) in Self.series(ofPods: pods) {
            let samples = part.map { point in
                let time = endMs - Int64(Self.points - 1 - point) * Self.intervalMs
                return (time, growth == 0 ? 1 : Double(point) * growth)
            }
            body.add(labels, samples)
        }
        return body.snappy
    }

    /// Each with the number of its steps, a minute apart.
    static let questions: [(String, Int)] = [
        ("cpu_seconds_total", 1),
        ("rate(cpu_seconds_total[5m])", 1),
        ("sum by (pod)(rate(cpu_seconds_total[5m]))", 1),
        ("sum by (pod)(rate(cpu_seconds_total[5m]))", 60),
        ("sum by (namespace)(rate(cpu_seconds_total[5m]))", 60),
        ("sum without (container)(cpu_seconds_total)", 60),
        ("topk(10, sum by (pod)(rate(cpu_seconds_total[5m])))", 1),
        ("topk(10, cpu_seconds_total)", 60),
        ("sort_desc(cpu_seconds_total)", 1),
        ("quantile by (namespace)(0.9, cpu_seconds_total)", 60),
        ("count(cpu_seconds_total > 5000)", 60),
        ("histogram_quantile(0.9, rate(latency_bucket[5m]))", 1),
        ("histogram_quantile(0.9, sum by (le)(rate(latency_bucket[5m])))", 1),
        ("histogram_quantile(0.9, sum by (le, namespace)(rate(latency_bucket[5m])))", 60),
        ("count(latency_bucket{pod=~\".*9.*\"})", 1),
        ("count(cpu_seconds_total{pod=~\"pod-1[0-9]+\"})", 1),
        ("count(latency_bucket{pod!~\"pod-1.*\",le=\"1\"})", 1),
        ("max_over_time(rate(cpu_seconds_total{namespace=\"team-7\"}[5m])[1h:1m])", 1),
        ("max_over_time(sum(rate(cpu_seconds_total[5m]))[1h:1m])", 1),
        ("avg_over_time(cpu_seconds_total[1h])", 1),
        ("avg_over_time(cpu_seconds_total{namespace=\"team-7\"}[1h])", 60),
        ("absent(cpu_seconds_total{pod=\"none\"})", 60),
        ("absent(cpu_seconds_total)", 60),
        ("label_replace(cpu_seconds_total, \"number\", \"$1\", \"pod\", \"pod-(.*)\")", 1),
        ("cpu_seconds_total * on(namespace, pod) group_left(node) pod_info", 1),
        ("cpu_seconds_total * on(namespace, pod) group_left(node) pod_info", 60),
        (
            "sum by (node)(rate(cpu_seconds_total[5m])"
                + " * on(namespace, pod) group_left(node) pod_info)",
            60
        ),
        ("rate(cpu_seconds_total[5m]) / ignoring(container) group_left pod_info", 1),
        ("cpu_seconds_total{container=\"main\"} - ignoring(container) pod_info", 60),
        ("cpu_seconds_total and on(pod) pod_info{node=\"n7\"}", 60),
        ("count by (namespace)(count by (namespace, pod)(latency_bucket))", 1),
        ("count({__name__=~\".+\"})", 1),
    ]
}
