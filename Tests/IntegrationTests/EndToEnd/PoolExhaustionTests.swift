// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Daemon
import EventIO
import HTTPFetch
import Logging
import SourceText
import TestSupport
import Testing

/// The whole way in one process: a real pool fills, people are told, it drains, they are told again.
@Suite(.postgres, .serialized) struct PoolExhaustionTests {
    private let directory = TemporaryDirectory()
    private let receiver = FakeReceiver()
    private let http = HTTPClient()

    private func configure(_ server: PostgresServer) throws -> String {
        let configuration = """
            global: {poll_interval: 500ms, poll_timeout: 500ms, evaluation_interval: 500ms}
            web: {listen: "127.0.0.1:0"}
            storage: {path: data}
            postgres:
              - name: main
                dsn: "\(server.dsn())"
                pools: {auth-service: 4}
            rule_files: [pool.rules.yml]
            alerting:
              route: {receiver: on-call, group_by: [alertname], group_wait: 100ms, group_interval: 500ms}
              receivers:
                - name: on-call
                  slack_configs: [{api_url: "\(receiver.url)/slack", send_resolved: true}]
                  pagerduty_configs: [{routing_key: key, url: "\(receiver.url)/pagerduty"}]
            """
        let rules = """
            groups:
              - name: pools
                rules:
                  - alert: DatabaseConnectionPoolExhausted
                    expr: db_pool_utilization_ratio{service="auth-service"} > 0.9
                    for: 1s
                    labels: {severity: critical}
                    annotations: {summary: "The pool of {{ $labels.service }} is full"}
            """
        let path = directory.file("nightjar.yml")
        try write(Array(configuration.utf8), toFile: path)
        try write(Array(rules.utf8), toFile: directory.file("pool.rules.yml"))
        return path
    }

    /// Asks until the alert has a state, or 20 s are over.
    private func alertBecomes(_ state: String, _ address: String) async throws -> Bool {
        for _ in 0..<400 {
            let answer = try await http.send(
                HTTPFetchRequest(url: address + "/api/v1/alerts"),
                before: .now + .seconds(5)
            )
            let alerts = try JSONValue.parse(answer.body)["data"]?["alerts"]?.array ?? []
            if alerts.contains(where: { $0["state"]?.string == state }) { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    private func received(_ path: String, containing word: String) async throws -> Bool {
        for _ in 0..<400 {
            let isThere = receiver.requests.contains { $0.path == path && $0.body.contains(word) }
            if isThere { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    private func dedupKeys() -> Set<String> {
        let events = receiver.requests.filter { $0.path == "/pagerduty" }
        return Set(
            events.compactMap { (try? JSONValue.parse($0.body))?["dedup_key"]?.string }
        )
    }

    @Test func `a full pool is told to Slack and PagerDuty, and so is its end`() async throws {
        let server = try #require(PostgresServer.current)
        let daemon = try await Daemon.start(
            configurationPath: try configure(server),
            overrides: Overrides(),
            log: Log(level: .error)
        )
        let running = Task { try await daemon.run() }
        let sessions = try (0..<4).map { _ in
            try server.client("select pg_sleep(120)", application: "auth-service")
        }
        let isPending = try await alertBecomes("pending", daemon.address)
        let isFiring = try await alertBecomes("firing", daemon.address)
        let isOnSlack = try await received("/slack", containing: "The pool of auth-service is full")
        let isTriggered = try await received("/pagerduty", containing: "\"trigger\"")
        for session in sessions { session.stop() }
        try server.run(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'auth-service'"
        )
        let isResolved = try await received("/pagerduty", containing: "\"resolve\"")
        let isEndOnSlack = try await received("/slack", containing: "RESOLVED")
        running.cancel()
        _ = await running.result
        await daemon.stop()
        #expect(isPending)
        #expect(isFiring)
        #expect(isOnSlack)
        #expect(isTriggered)
        #expect(isResolved)
        #expect(isEndOnSlack)
        #expect(dedupKeys().count == 1)
    }
}
