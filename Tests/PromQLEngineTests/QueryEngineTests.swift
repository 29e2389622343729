// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLEngine
import PromQLSyntax
import Samples
import Storage
import Telemetry
import Testing

@Suite struct QueryEngineTests {
    private func answer(_ text: String, at seconds: Double) async throws -> [String] {
        let store = try await SeriesStore.open(.memory, telemetry: Registry())
        for slot in 0...10 {
            let samples = ["a", "b"].enumerated().map { index, job in
                SeriesSample(
                    labels: ["__name__": "requests_total", "job": job],
                    value: Double(slot * 60 * (index + 1))
                )
            }
            _ = store.append(samples, at: Timestamp(seconds: Double(slot * 60)))
        }
        let engine = QueryEngine(store: store)
        let expression = try parseExpression(text)
        let result = try await engine.instant(expression, at: Timestamp(seconds: seconds))
        guard case .vector(let samples) = result.value else { return [] }
        return samples.map { "\($0.labels) \($0.sample.value)" }.sorted()
    }

    @Test(arguments: [
        (
            "requests_total",
            [#"requests_total{job="a"} 600.0"#, #"requests_total{job="b"} 1200.0"#]
        ),
        ("sum(rate(requests_total[5m]))", ["{} 3.0"]),
        ("sum by (job) (requests_total) > 600", [#"{job="b"} 1200.0"#]),
        (#"requests_total{job="a"} offset 1m"#, [#"requests_total{job="a"} 540.0"#]),
        ("requests_total / on (job) requests_total", [#"{job="a"} 1.0"#, #"{job="b"} 1.0"#]),
        (#"absent(nothing{job="x"})"#, [#"{job="x"} 1.0"#]),
        ("topk(1, requests_total)", [#"requests_total{job="b"} 1200.0"#]),
        (#"max_over_time(requests_total{job="a"}[2m:1m])"#, [#"{job="a"} 600.0"#]),
        (#"ts_of_min_over_time(requests_total{job="a"}[5m])"#, [#"{job="a"} 360.0"#]),
        (#"ts_of_max_over_time(requests_total{job="a"}[5m])"#, [#"{job="a"} 600.0"#]),
        (#"predict_linear(requests_total{job="a"}[5m], 60)"#, [#"{job="a"} 660.0"#]),
    ])
    func `an instant query gives what Prometheus gives`(
        _ text: String,
        _ wanted: [String]
    ) async throws {
        #expect(try await answer(text, at: 600) == wanted)
    }
}
