// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import Glibc
import KafkaClient
import SourceText
import TestSupport
import Testing

private let isPrometheusInstalled = unsafe access("/usr/bin/prometheus", X_OK) == 0

/// A real Prometheus, and its promtool, read what a whole daemon serves.
@Suite(
    .postgres,
    .redis,
    .serialized,
    .enabled(
        if: isPrometheusInstalled,
        "prometheus is not installed"
    )
)
struct PrometheusTests {
    private let page = GaugePage()
    private let breakers = CannedServer { _ in
        .body(200, "{\"circuit_breakers\": [{\"service\": \"auth\", \"state\": \"closed\"}]}")
    }

    private func deploy(_ kafka: MockCluster) throws -> Deployment {
        let postgres = try #require(PostgresServer.current)
        let redis = try #require(RedisServer.current)
        return try Deployment(
            """
            global: {poll_interval: 1s, scrape_interval: 1s, evaluation_interval: 1s}
            web: {listen: "127.0.0.1:0"}
            storage: {path: data}
            postgres:
              - name: main
                dsn: "\(postgres.dsn())"
                reserved_connections: 20
                pools: {auth-service: 16, feed-service: 12}
            redis:
              - {name: cache, address: "redis://127.0.0.1:\(redis.port)/0"}
            circuit_breakers:
              - {name: gateway, url: "\(breakers.url)/health", format: nova}
            kafka:
              - {name: events, brokers: ["\(kafka.bootstrap)"], groups: {include: [workers]}}
            scrape_configs:
              - {job_name: app, static_configs: [{targets: ["\(page.target)"]}]}
            rule_files: ["\(repositoryRoot)/rules/*.rules.yml"]
            alerting:
              route: {receiver: nobody}
              receivers: [{name: nobody}]
            """
        )
    }

    private func cluster() throws -> MockCluster {
        let kafka = try MockCluster.start(brokers: 1)
        try kafka.createTopic("feed.events", partitions: 1)
        try kafka.produce(3, to: "feed.events", partition: 0)
        try kafka.commit(1, group: "workers", topic: "feed.events", partition: 0)
        return kafka
    }

    @Test func `Prometheus scrapes every source's metrics without a word of complaint`()
        async throws
    {
        let kafka = try cluster()
        let deployment = try deploy(kafka)
        try await deployment.run { address in
            #expect(
                try await eventually {
                    try await deployment.query(address, "nightjar_source_up == 1", by: "kind").count
                        == 5
                }
            )
            let target = address.dropFirst("http://".count)
            let folder = TemporaryDirectory()
            let port = freePort()
            let configuration = """
                global: {scrape_interval: 1s, scrape_timeout: 1s}
                scrape_configs:
                  - {job_name: metrics, static_configs: [{targets: ["\(target)"]}]}
                  - job_name: federate
                    metrics_path: /federate
                    honor_labels: true
                    params: {"match[]": ['{__name__!=""}']}
                    static_configs: [{targets: ["\(target)"]}]
                """
            try write(Array(configuration.utf8), toFile: folder.file("prometheus.yml"))
            let prometheus = try ServerProcess(
                [
                    "prometheus", "--config.file=" + folder.file("prometheus.yml"),
                    "--storage.tsdb.path=" + folder.file("data"),
                    "--web.listen-address=127.0.0.1:\(port)", "--log.level=debug",
                ],
                logFile: folder.file("log")
            )
            defer { prometheus.stop() }
            let url = "http://127.0.0.1:\(port)"
            #expect(
                try await eventually(within: 60) {
                    guard canConnect(port: port) else { return false }
                    let up = "count_over_time((up{job=~\"metrics|federate\"} == 1)[1m:1s]) >= 3"
                    return try await deployment.query(url, up, by: "job").count == 2
                }
            )
            let answer = try JSONValue.parse(try await deployment.text(url + "/api/v1/targets"))
            let targets = answer["data"]?["activeTargets"]?.array ?? []
            #expect(targets.map { $0["health"]?.string } == ["up", "up"])
            #expect(targets.map { $0["lastError"]?.string } == ["", ""])
            let families = [
                "pg_up", "redis_up", "circuit_breaker_state", "kafka_consumergroup_lag",
                "queue_depth", "db_pool_utilization_ratio", "nightjar_build_info",
            ]
            for family in families {
                let found = try await deployment.rows(url, family)
                #expect(!found.isEmpty, "\(family)")
            }
            let log = String(decoding: bytesOfFile(folder.file("log")), as: UTF8.self)
            let complaints = log.split(separator: "\n").filter {
                $0.contains("scrape") && ($0.contains("level=warn") || $0.contains("level=error"))
            }
            #expect(complaints == [])
        }
    }

    /// Names that are kept from the exporters they come from, of which promtool has its own opinion.
    private static let peers = ["pg_", "redis_", "kafka_"]

    @Test func `promtool finds nothing wrong but names kept from other exporters`() async throws {
        let kafka = try cluster()
        let deployment = try deploy(kafka)
        try await deployment.run { address in
            #expect(
                try await eventually {
                    try await deployment.query(address, "nightjar_source_up == 1", by: "kind").count
                        == 5
                }
            )
            try deployment.write("page", try await deployment.text(address + "/metrics"))
            let output = deployment.directory.file("promtool")
            let command = "promtool check metrics < " + deployment.directory.file("page")
            try ServerProcess.run(["sh", "-c", command], logFile: output)
            let lines = String(decoding: bytesOfFile(output), as: UTF8.self).split(separator: "\n")
            let ours = lines.filter { line in !Self.peers.contains { line.hasPrefix($0) } }
            #expect(ours == [])
        }
    }
}
