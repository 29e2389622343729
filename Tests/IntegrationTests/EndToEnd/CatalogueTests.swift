// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Daemon
import EventIO
import HTTPFetch
import KafkaClient
import Logging
import TestSupport
import Testing

/// What a running daemon serves, beside what the guide lists.
@Suite(.postgres, .redis, .serialized) struct CatalogueTests {
    private let directory = TemporaryDirectory()
    private let http = HTTPClient()
    private let gateway = CannedServer { head in
        let page = "# TYPE http_requests_total counter\nhttp_requests_total{status=\"200\"} 1\n"
        let breakers = #"{"circuit_breakers":[{"healthy":true,"service":"auth","state":"closed"}]}"#
        return head.contains("/health")
            ? .body(200, breakers, type: "application/json") : .body(200, page)
    }

    private func configure(_ kafka: MockCluster) throws -> String {
        let postgres = try #require(PostgresServer.current)
        let redis = try #require(RedisServer.current)
        let configuration = """
            global: {poll_interval: 500ms, scrape_interval: 500ms, evaluation_interval: 500ms}
            web: {listen: "127.0.0.1:0"}
            storage: {path: data}
            postgres: [{name: main, dsn: "\(postgres.dsn())", pools: {auth-service: 4}}]
            redis: [{name: cache, address: "redis://127.0.0.1:\(redis.port)/0"}]
            circuit_breakers: [{name: gateway, url: "\(gateway.url)/health"}]
            kafka: [{name: events, brokers: ["\(kafka.bootstrap)"], groups: {include: [readers]}}]
            scrape_configs:
              - job_name: gateway
                static_configs: [{targets: ["127.0.0.1:\(gateway.port)"]}]
            rule_files: ["\(repositoryRoot)/rules/*.rules.yml"]
            alerting:
              route: {receiver: nobody}
              receivers: [{name: nobody}]
            """
        let path = directory.file("nightjar.yml")
        try write(Array(configuration.utf8), toFile: path)
        return path
    }

    private func body(_ url: String) async throws -> String {
        let answer = try await http.send(
            HTTPFetchRequest(url: url),
            before: .now + .seconds(5)
        )
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// Asks for the page until each of the names is on it, or 20 s are over.
    private func page(_ address: String, with names: [String]) async throws -> String {
        for _ in 0..<200 {
            let page = try await body(address + "/metrics")
            if names.allSatisfy(page.contains) { return page }
            try await Task.sleep(for: .milliseconds(100))
        }
        return try await body(address + "/metrics")
    }

    @Test func `every family served is in the guide, with its type`() async throws {
        let kafka = try MockCluster.start(brokers: 1)
        let daemon = try await Daemon.start(
            configurationPath: try configure(kafka),
            overrides: Overrides(),
            log: Log(level: .error)
        )
        let running = Task { try await daemon.run() }
        let names = [
            "pg_stat_activity_count", "redis_up", "circuit_breaker_state", "kafka_brokers",
            "http_requests_total", "nightjar_http_requests_total",
        ]
        let page = try await page(daemon.address, with: names)
        running.cancel()
        _ = await running.result
        await daemon.stop()
        var checked = 0
        for line in page.split(separator: "\n") where line.hasPrefix("# TYPE ") {
            let words = line.split(separator: " ")
            let listed = MetricCatalogue.standard.type(ofFamily: String(words[2]))
            #expect(listed == String(words[3]), "\(line)")
            checked += 1
        }
        #expect(checked > 400)
        for name in names { #expect(page.contains(name)) }
    }
}
