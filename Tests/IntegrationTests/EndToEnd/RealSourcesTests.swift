// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import SourceText
import TestSupport
import Testing

/// The whole way from a real Kafka broker, and from a real Spring Boot service, to a receiver.
@Suite(
    .serialized,
    .timeLimit(.minutes(3)),
    .enabled(
        if: SharedTool.isPresent("service/service") && SharedTool.isPresent("kafka/kafka"),
        "../shared/service, ../shared/kafka or Java is absent"
    )
)
struct RealSourcesTests {
    private let receiver = FakeReceiver()

    private func configuration(_ sources: String, rules: String) -> String {
        """
        global:
          poll_interval: 1s
          poll_timeout: 1s
          scrape_interval: 1s
          scrape_timeout: 1s
          evaluation_interval: 1s
        web: {listen: "127.0.0.1:0"}
        storage: {path: ":memory:"}
        \(sources)
        rule_files: ["\(rules)"]
        alerting:
          route: {receiver: on-call, group_by: [alertname], group_wait: 100ms, group_interval: 500ms}
          receivers:
            - {name: on-call, webhook_configs: [{url: "\(receiver.url)/hook"}]}
        """
    }

    /// Whether an alert of this name was told with this status and these words.
    private func isTold(_ status: String, _ name: String, _ words: String = "") -> Bool {
        receiver.requests.contains { request in
            let alerts = (try? JSONValue.parse(request.body))?["alerts"]?.array ?? []
            return request.body.contains(words)
                && alerts.contains { alert in
                    alert["status"]?.string == status
                        && alert["labels"]?["alertname"]?.string == name
                }
        }
    }

    @Test func `a real breaker that opens is told by the documented alert, and so is its closing`()
        async throws
    {
        let arguments = ["--host", "api.nova.local", "--wait", "5"]
        let service = try await BlockingQueue(label: "service").run {
            try SharedTool("service/service", key: "url", arguments)
        }
        let sources = """
            circuit_breakers:
              - name: graphql-gateway
                url: \(service.address)/health/circuit-breakers
                headers: {Host: api.nova.local}
            scrape_configs:
              - job_name: gateway
                metrics_path: /actuator/prometheus
                static_configs: [{targets: ["\(service.address.dropFirst("http://".count))"]}]
            """
        let deployment = try Deployment(
            configuration(sources, rules: repositoryRoot + "/rules/breakers.rules.yml")
        )
        try await deployment.run { address in
            let up = "nightjar_source_up == 1"
            #expect(
                try await eventually {
                    try await deployment.query(address, up, by: "kind").count == 2
                }
            )
            for _ in 0..<6 {
                _ = try await deployment.fetch(service.address + "/call/auth?fail=true")
            }
            #expect(
                try await eventually {
                    isTold("firing", "CircuitBreakerOpen", "Circuit breaker of auth is open")
                }
            )
            #expect(try await deployment.alerts(address)["CircuitBreakerOpen"] == "firing")
            let calls =
                "resilience4j_circuitbreaker_calls_seconds_count{kind=\"failed\",name=\"auth\"}"
            #expect(
                try await eventually {
                    try await deployment.query(address, calls, by: "name")["auth", default: 0] >= 5
                }
            )
            // It goes half-open by itself, and three good calls close it.
            #expect(
                try await eventually {
                    _ = try await deployment.fetch(service.address + "/call/auth")
                    return isTold("resolved", "CircuitBreakerOpen")
                }
            )
        }
    }

    @Test func `the lag of a real group that grows is told, and so is its end`() async throws {
        let kafka = try await BlockingQueue(label: "kafka").run {
            let kafka = try SharedTool("kafka/kafka", key: "bootstrap")
            let topic = ["topics", "--create", "--topic", "feed.events", "--partitions", "1"]
            try kafka.run("tool", topic + ["--replication-factor", "1"])
            try resetOffsets(kafka, "--to-earliest")
            return kafka
        }
        let sources = """
            kafka:
              - {name: events, brokers: ["\(kafka.address)"]}
            """
        let deployment = try Deployment(
            configuration(sources, rules: "lag.rules.yml"),
            [
                "lag.rules.yml": """
                groups:
                  - name: kafka
                    rules:
                      - alert: KafkaConsumerLagGrowing
                        expr: >-
                          kafka_consumergroup_lag_sum{topic="feed.events"} > 100
                          and deriv(kafka_consumergroup_lag_sum{topic="feed.events"}[10s]) > 0
                        for: 1s
                """
            ]
        )
        try await deployment.run { address in
            let lag = "kafka_consumergroup_lag_sum{topic=\"feed.events\"}"
            #expect(
                try await eventually(within: 40) {
                    try await deployment.query(address, lag, by: "consumergroup") == ["feed": 0]
                }
            )
            #expect(
                try await eventually(within: 40) {
                    try await produce(kafka, 60, deployment)
                    return isTold("firing", "KafkaConsumerLagGrowing", "feed")
                }
            )
            try await BlockingQueue(label: "kafka").run { try resetOffsets(kafka, "--to-latest") }
            #expect(
                try await eventually(within: 40) {
                    isTold("resolved", "KafkaConsumerLagGrowing")
                }
            )
            #expect(try await deployment.query(address, lag, by: "consumergroup") == ["feed": 0])
        }
    }

    private func resetOffsets(_ kafka: SharedTool, _ place: String) throws {
        let words = ["groups", "--reset-offsets", "--group", "feed", "--topic", "feed.events"]
        try kafka.run("tool", words + [place, "--execute"])
    }

    private func produce(_ kafka: SharedTool, _ count: Int, _ deployment: Deployment) async throws {
        let lines = (0..<count).map { "message \($0)\n" }.joined()
        try deployment.write("messages", lines)
        let command = "kcat -q -b \(kafka.address) -P -t feed.events -l "
        let path = deployment.directory.file("messages")
        let status = try await BlockingQueue(label: "kcat").run {
            try ServerProcess.run(["sh", "-c", command + path])
        }
        #expect(status == 0)
    }
}
