// SPDX-License-Identifier: Apache-2.0
// Nightjar
import HTTPFetch
import Samples
import TestSupport
import Testing

@testable import Collectors

/// Against a real Spring Boot service with Resilience4j and Micrometer.
@Suite(
    .serialized,
    .timeLimit(.minutes(2)),
    .enabled(if: SharedTool.isPresent("service/service"), "../shared/service or Java is absent")
)
struct RealServiceTests {
    private let client = HTTPClient()

    private func slot() -> PollSlot {
        PollSlot(time: Timestamp(milliseconds: 0), deadline: .now + .seconds(10))
    }

    @Test func `an open breaker is seen in three formats, and the metrics are scraped`()
        async throws
    {
        let host = ["--host", "api.nova.local", "--wait", "600"]
        let service = try SharedTool("service/service", key: "url", host)
        for _ in 0..<6 {
            let call = HTTPFetchRequest(url: service.address + "/call/auth?fail=true")
            _ = try await client.send(call, before: .now + .seconds(10))
        }
        for path in ["/health/circuit-breakers", "/actuator/health", "/actuator/circuitbreakers"] {
            var options = BreakerOptions(name: "s", url: service.address + path)
            options.headers = [HTTPHeader("Host", "api.nova.local")]
            var source = BreakerSource(options, client: client)
            let outcome = await source.poll(slot())
            #expect(outcome.failure == nil, "\(path)")
            let open: LabelSet = [
                "__name__": "circuit_breaker_state", "endpoint": "s", "service": "auth",
                "state": "open",
            ]
            let sample = outcome.families.flatMap(\.samples).first { $0.labels == open }
            #expect(sample?.value == 1, "\(path)")
        }
        var options = ScrapeOptions(job: "s")
        options.metricsPath = "/actuator/prometheus"
        let target = ScrapeTarget(String(service.address.dropFirst("http://".count)))
        var source = ScrapeSource(options, target: target, client: client)
        let outcome = await source.poll(slot())
        #expect(outcome.failure == nil)
        #expect(outcome.droppedSamples == 0)
        #expect(outcome.families.contains { $0.name == "hikaricp_connections_active" })
        #expect(outcome.families.contains { $0.name == "http_server_requests_seconds" })
    }
}
