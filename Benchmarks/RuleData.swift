// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Storage

/// A hundred metrics of a thousand series each: sixty counters, and forty histograms of a hundred
/// label sets and ten buckets; eleven minutes at 15 s.
struct RuleData {
    /// The time of the first sample; the last is in the future.
    let start: Int64

    private static let points = 44
    private static let intervalMs: Int64 = 15_000
    private static let bounds = [
        "0.01", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf",
    ]

    /// The series of a metric, each with what it grows by.
    private static func series(_ metric: Int) -> [(labels: [(String, String)], growth: Double)] {
        let isHistogram = metric >= 60
        return (0..<1_000).map { index in
            let (job, instance, last) = (index / 100, index / 10 % 10, index % 10)
            let name = isHistogram ? "h_\(metric)_bucket" : "m_\(metric)_total"
            var labels = [("__name__", name), ("instance", "i\(instance)"), ("job", "j\(job)")]
            labels.append(isHistogram ? ("le", bounds[last]) : ("path", "p\(last)"))
            let growth = isHistogram ? (last + 1) * (job + 1) : index + metric
            return (labels, Double(growth))
        }
    }

    /// Requests of remote write with all samples, two metrics each.
    var bodies: [[UInt8]] {
        stride(from: 0, to: 100, by: 2).map { first in
            var body = RemoteWriteBody()
            for metric in first..<(first + 2) {
                for (labels, growth) in Self.series(metric) {
                    body.add(labels, (0..<Self.points).map { (time($0), Double($0) * growth) })
                }
            }
            return body.snappy
        }
    }

    /// Stores all samples.
    func append(to store: SeriesStore) {
        let series = (0..<100).flatMap { Self.series($0) }
            .map { (labels: LabelSet($0.labels), growth: $0.growth) }
        for point in 0..<Self.points {
            store.append(
                series.map { SeriesSample(labels: $0.labels, value: Double(point) * $0.growth) },
                at: Timestamp(milliseconds: time(point))
            )
        }
    }

    private func time(_ point: Int) -> Int64 { start + Int64(point) * Self.intervalMs }

    /// The rules: ten for each metric, half of them alerts that do not fire.
    static let file: String = {
        var text = "groups:\n- name: all\n  rules:\n"
        func record(_ name: String, _ expression: String) {
            text += "  - {record: '\(name)', expr: '\(expression)'}\n"
        }
        func alert(_ name: String, _ expression: String) {
            text += "  - {alert: '\(name)', expr: '\(expression)'}\n"
        }
        for metric in 0..<60 {
            let name = "m_\(metric)_total"
            record("rate_job_\(metric)", "sum by (job) (rate(\(name)[5m]))")
            record("rate_instance_\(metric)", "sum by (job, instance) (rate(\(name)[5m]))")
            record("rate_path_\(metric)", "sum without (path) (increase(\(name)[2m]))")
            record(
                "share_\(metric)",
                "sum(rate(\(name){path=\"p3\"}[5m])) / sum(rate(\(name)[5m]))"
            )
            record("top_\(metric)", "max by (instance) (\(name))")
            alert("Fast\(metric)", "sum by (job) (rate(\(name)[5m])) > 1e9")
            alert("Large\(metric)", "\(name) > 1e15")
            alert("Still\(metric)", "rate(\(name)[1m]) < 0")
            alert("Absent\(metric)", "absent(\(name))")
            alert("Uneven\(metric)", "avg by (job) (\(name)) > 2 * max by (job) (\(name))")
        }
        for metric in 60..<100 {
            let name = "h_\(metric)_bucket"
            record("rate_le_\(metric)", "sum by (le, job) (rate(\(name)[5m]))")
            for q in ["0.5", "0.9", "0.99"] {
                record(
                    "q\(q.dropFirst(2))_\(metric)",
                    "histogram_quantile(\(q), rate(\(name)[5m]))"
                )
            }
            record("rate_inf_\(metric)", "sum by (job) (rate(\(name){le=\"+Inf\"}[5m]))")
            alert(
                "Slow\(metric)",
                "histogram_quantile(0.99, sum by (le, job) (rate(\(name)[5m]))) > 20"
            )
            alert("Many\(metric)", "sum by (instance) (increase(\(name)[5m])) > 1e9")
            alert("Odd\(metric)", "count by (job) (\(name)) != 100")
            alert("Gone\(metric)", "absent(\(name))")
            alert("Idle\(metric)", "sum(rate(\(name)[5m])) == 0")
        }
        return text
    }()
}
