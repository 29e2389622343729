// SPDX-License-Identifier: Apache-2.0
// Nightjar
import TestSupport
import Testing

/// The database goes away while its pool is exhausted: nobody may be told that all is well.
@Suite(.serialized, .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct SourceFailureTests {
    private let receiver = FakeReceiver()

    private func deploy(
        _ server: PostgresServer,
        onFailure word: String,
        storage: String = ":memory:"
    ) throws -> Deployment {
        try Deployment(
            """
            global: {poll_interval: 500ms, poll_timeout: 500ms, evaluation_interval: 500ms}
            web: {listen: "127.0.0.1:0"}
            storage: {path: "\(storage)"}
            postgres:
              - {name: main, dsn: "\(server.dsn())", pools: {auth-service: 2}}
            rule_files: [pool.rules.yml]
            rules: {on_source_failure: \(word), resend_delay: 1s}
            alerting:
              route: {receiver: on-call, group_by: [alertname], group_wait: 100ms, group_interval: 500ms}
              receivers:
                - {name: on-call, webhook_configs: [{url: "\(receiver.url)/hook"}]}
            """,
            [
                "pool.rules.yml": """
                groups:
                  - name: pools
                    rules:
                      - alert: DatabaseConnectionPoolExhausted
                        expr: max by (service) (db_pool_utilization_ratio) > 0.9
                """
            ]
        )
    }

    private func isTold(_ status: String) -> Bool {
        receiver.requests.contains { $0.body.contains("\"status\":\"\(status)\"") }
    }

    /// Fills the pool, waits for the alert, and takes the server down in the middle of it.
    private func exhaustAndStop(
        _ deployment: Deployment,
        _ address: String,
        _ server: PostgresServer,
        _ process: ServerProcess
    ) async throws {
        let sessions = try (0..<2).map { _ in
            try server.client("select pg_sleep(120)", application: "auth-service")
        }
        #expect(try await eventually { isTold("firing") })
        // An immediate shutdown: clients lose their connections, as with a failing machine.
        process.send(signal: 3)
        process.wait()
        for session in sessions { session.wait() }
        #expect(
            try await eventually {
                try await deployment.query(address, "nightjar_source_up", by: "name") == ["main": 0]
            }
        )
    }

    @Test func `an alert is held while its database is down, and ends when it is known to`()
        async throws
    {
        let server = try PostgresServer()
        let first = try await server.start()
        let deployment = try deploy(server, onFailure: "hold")
        try await deployment.run { address in
            try await exhaustAndStop(deployment, address, server, first)
            let counter = "nightjar_rule_evaluations_total"
            let before = try await deployment.query(address, counter)[counter, default: 0]
            // Longer than four times the resend delay, after which the notifier ends what nobody
            // renews.
            #expect(
                try await eventually {
                    try await deployment.query(address, counter)[counter, default: 0] > before + 12
                }
            )
            let alerts = try await deployment.alerts(address)
            #expect(alerts == ["DatabaseConnectionPoolExhausted": "firing"])
            #expect(!isTold("resolved"))
            let second = try await server.start()
            defer { second.stop() }
            #expect(try await eventually { isTold("resolved") })
            #expect(try await deployment.alerts(address) == [:])
        }
    }

    @Test func `an alert is held when the daemon starts while its database is down`() async throws {
        let server = try PostgresServer()
        let running = try await server.start()
        let deployment = try deploy(server, onFailure: "hold", storage: "data")
        let sessions = try (0..<2).map { _ in
            try server.client("select pg_sleep(120)", application: "auth-service")
        }
        let first = try await NightjarProcess(deployment, number: 1)
        #expect(try await eventually { isTold("firing") })
        first.send(signal: 9)
        #expect(first.wait() == 128 + 9)
        running.send(signal: 3)
        running.wait()
        for session in sessions { session.wait() }

        let second = try await NightjarProcess(deployment, number: 2)
        #expect(
            try await eventually {
                let counter = "nightjar_rule_evaluations_total"
                return try await deployment.query(second.address, counter)[counter, default: 0] > 12
            }
        )
        let held = ["DatabaseConnectionPoolExhausted": "firing"]
        #expect(try await deployment.alerts(second.address) == held)
        #expect(!isTold("resolved"))
        let again = try await server.start()
        defer { again.stop() }
        #expect(try await eventually { isTold("resolved") })
        second.send(signal: 15)
        #expect(second.wait() == 0)
    }

    @Test func `where the settings say so, the end of its series ends an alert`() async throws {
        let server = try PostgresServer()
        let process = try await server.start()
        let deployment = try deploy(server, onFailure: "resolve")
        try await deployment.run { address in
            try await exhaustAndStop(deployment, address, server, process)
            #expect(try await eventually { isTold("resolved") })
        }
    }
}
