// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Telemetry
import Testing

@Suite struct RegistryTests {
    @Test func `counters and gauges keep a value for each label set`() throws {
        let registry = Registry()
        let polls = registry.counter("polls_total", help: "Polls.")
        polls.add(1, ["kind": "redis"])
        polls.add(2, ["kind": "redis"])
        polls.add(0, ["kind": "kafka"])
        let family = try #require(registry.collect().first)
        #expect(family.samples.map { $0.labels["kind"] } == ["kafka", "redis"])
        #expect(family.samples.map(\.value) == [0, 3])
    }

    @Test func `a histogram's buckets are cumulative and end in infinity`() throws {
        let registry = Registry()
        let histogram = registry.histogram("d_seconds", help: "D.", bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 5] { histogram.observe(value) }
        let samples = try #require(registry.collect().first).samples
        #expect(samples.map { $0.labels.metricName }.last == "d_seconds_count")
        #expect(samples.map { $0.labels["le"] } == ["0.1", "1.0", "+Inf", "", ""])
        #expect(samples.map(\.value) == [2, 3, 4, 5.65, 4])
    }

    @Test func `a gauge's series can be ended`() {
        let registry = Registry()
        let failure = registry.gauge("failure", help: "F.")
        failure.set(1, ["name": "a", "reason": "dns"])
        failure.set(1, ["name": "b", "reason": "auth"])
        failure.remove { $0["name"] == "a" }
        #expect(registry.collect().first?.samples.map { $0.labels["name"] } == ["b"])
    }
}
