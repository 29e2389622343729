// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Alerts
import Collectors
import PromQLEngine
import Samples
import SourceText
import Storage
import Telemetry
import WebAPI

extension PrometheusComparisonTests {
    /// Ten minutes of samples 15 s apart: counters, a histogram, and a gauge with odd values.
    private static let series: [SeriesSamples] = {
        let times = ContiguousArray((0...40).map { 1_700_000_000_000 + Int64($0) * 15_000 })
        func make(_ labels: LabelSet, _ value: (Int) -> Double) -> SeriesSamples {
            SeriesSamples(
                labels: labels,
                times: times,
                values: ContiguousArray(times.indices.map(value))
            )
        }
        var result: [SeriesSamples] = []
        for (number, job) in ["a", "b"].enumerated() {
            result.append(
                make(["__name__": "requests_total", "job": job]) {
                    Double($0 * (number + 3)) * 1.25
                }
            )
        }
        for (place, bound) in ["0.5", "1.0", "+Inf"].enumerated() {
            result.append(
                make(["__name__": "latency_bucket", "le": bound]) { Double($0 * (place + 1)) }
            )
        }
        let odd: [Double] = [.nan, .infinity, -.infinity, -0.0, 1e-9, 1.5e22, 20.125]
        result.append(make(["__name__": "temperature", "room": "a \"b\"\\c"]) { odd[$0 % 7] })
        return result
    }()

    /// The samples as OpenMetrics.
    static let page: String = {
        var text: [UInt8] = []
        for (name, members) in [
            ("latency", series[2...4]), ("requests", series[0...1]), ("temperature", series[5...5]),
        ] {
            let kind = ["latency": "unknown", "requests": "counter"][name] ?? "gauge"
            text += "# TYPE \(kind == "unknown" ? "latency_bucket" : name) \(kind)\n".utf8
            for one in members {
                for (time, value) in zip(one.times, one.values) {
                    // Without the spaces of `description`, which are not OpenMetrics.
                    text += "\(one.labels)".replacing(", ", with: ",").utf8
                    text.append(32)
                    text.appendShortest(value)
                    text += " \(time / 1_000)\n".utf8
                }
            }
        }
        return String(decoding: text, as: UTF8.self) + "# EOF\n"
    }()

    /// An API over the same samples, with targets and rules like those of Prometheus' configuration.
    static func context() async throws -> WebAPIContext {
        let telemetry = Registry()
        let store = try await SeriesStore.open(.memory, telemetry: telemetry)
        let last = Timestamp(milliseconds: 1_700_000_600_000)
        store.append(series, at: last)
        let board = PollBoard()
        let up = TargetID(kind: "scrape", name: "self/127.0.0.1:1")
        let down = TargetID(kind: "scrape", name: "down/127.0.0.1:2")
        let schedule = PollSchedule(interval: .seconds(15), timeout: .seconds(5))
        var family = MetricFamily(name: "scraped", kind: .gauge, help: "Of a target.")
        family.add(1)
        for target in [up, down] { board.add(target, schedule: schedule) }
        board.land(.batch([family]), of: up, slot: last, took: .milliseconds(3))
        let failure = PollOutcome.failure(.refused, "connection refused")
        board.land(failure, of: down, slot: last, took: .milliseconds(2))
        store.append(SampleBatch(time: last, families: [family]), from: up)
        var context = WebAPIContext(
            store: store,
            board: board,
            telemetry: telemetry,
            queries: QueryPort(QueryEngine(store: store)),
            now: { last },
            build: BuildInformation(version: "0", revision: "r")
        )
        context.rules = { [group(last)] }
        return context
    }

    private static func group(_ now: Timestamp) -> RuleGroupReport {
        let alert = AlertReport(
            labels: ["alertname": "Firing"],
            annotations: ["summary": "s"],
            phase: .firing,
            activeAt: now,
            value: 1
        )
        return RuleGroupReport(
            name: "g",
            file: "rules.yml",
            interval: .milliseconds(200),
            lastEvaluation: now,
            rules: [
                RuleReport(
                    name: "a:b",
                    query: "vector(1)",
                    labels: ["x": "y"],
                    lastEvaluation: now
                ),
                RuleReport(
                    name: "Firing",
                    query: "vector(1)",
                    lastEvaluation: now,
                    alerting: AlertingReport(alerts: [alert])
                ),
            ]
        )
    }
}
