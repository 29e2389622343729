// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Exposition
internal import HTTPServer
internal import Locking
internal import Samples
internal import Telemetry

/// A gateway to watch: `/metrics` and `/health/circuit-breakers`, with made-up requests.
final class DemoService: Sendable {
    private struct State {
        var isBreakerOpen = false
        var isSlow = false
        var isStopped = false
    }

    private static let services = [
        "auth-service", "content-service", "feed-service", "social-service",
        "realtime-chat-service", "media-service",
    ]

    private let state = Lock(State())
    private let registry = Registry()
    private let requests: Counter
    private let durations: Histogram

    init() {
        requests = registry.counter("http_requests_total", help: "Requests served.")
        durations = registry.histogram(
            "http_request_duration_seconds",
            help: "Time to serve a request.",
            bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
        )
    }

    func setBreakerOpen(_ isOpen: Bool) { state.withLock { $0.isBreakerOpen = isOpen } }

    func setSlow(_ isSlow: Bool) { state.withLock { $0.isSlow = isSlow } }

    /// Makes up twenty requests a second until cancelled.
    func run() async throws {
        let labels: LabelSet = ["service": "graphql-gateway"]
        while true {
            let isSlow = state.withLock { $0.isSlow }
            for number in 0..<2 {
                requests.add(1, labels.setting("status", to: "200"))
                durations.observe(isSlow ? 0.8 : 0.02 + Double(number) / 100, labels)
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Answers a request as the gateway would: breakers only under their Host header.
    func respond(_ request: HTTPRequest) -> HTTPResponse {
        switch request.path {
        case "/metrics":
            let text = ExpositionWriter.page(registry.collect(), format: .text)
            return HTTPResponse(
                200,
                [HTTPField("Content-Type", "text/plain; version=0.0.4")],
                body: .bytes(text)
            )
        case "/health/circuit-breakers" where request.header("Host") == "api.nova.local":
            return breakers()
        default:
            return .text(404, "no \(request.path)\n")
        }
    }

    private func breakers() -> HTTPResponse {
        let isOpen = state.withLock { $0.isBreakerOpen }
        let list = Self.services.map { service in
            let isBroken = isOpen && service == "content-service"
            return """
                {"healthy": \(!isBroken), "service": "\(service)", \
                "state": "\(isBroken ? "open" : "closed")"}
                """
        }
        let status = isOpen ? "degraded" : "healthy"
        let body =
            "{\"circuit_breakers\": [\(list.joined(separator: ", "))], \"status\": \"\(status)\"}"
        return HTTPResponse(
            200,
            [HTTPField("Content-Type", "application/json")],
            body: .bytes(Array(body.utf8))
        )
    }
}
