import Samples
import Secrets
import Storage
import Telemetry
import TestSupport
import Testing

// SPDX-License-Identifier: Apache-2.0
// Nightjar
@testable import Collectors

@Suite(
    .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"),
    .postgres,
    .serialized,
    .timeLimit(.minutes(2))
)
struct PostgresCollectorTests {
    let server: PostgresServer

    init() throws { server = try #require(PostgresServer.current) }

    func options(_ dsn: String? = nil) -> PostgresOptions {
        PostgresOptions(name: "main", dsn: Secret(dsn ?? server.dsn()))
    }

    @Test func `a poll gives the families with their values`() async {
        var source = PostgresSource(options())
        let outcome = await source.poll(slot())
        #expect(outcome.failure == nil)
        #expect(outcome.failedParts == [:])
        #expect(outcome.droppedSamples == 0)
        #expect(outcome.value("pg_up", ["server": "main"]) == 1)
        let version = outcome.families.first { $0.name == "pg_static" }?.samples.first
        #expect(version?.value == 1)
        #expect(Int(version?.labels["short_version"].prefix { $0 != "." } ?? "") ?? 0 >= 13)
        #expect(outcome.value("pg_settings_max_connections") == 100)
        #expect(outcome.value("pg_settings_shared_buffers_bytes") == 16_777_216)
        #expect(outcome.value("pg_settings_fsync") == 0)
        #expect(outcome.value("pg_replication_is_replica") == 0)
        #expect(outcome.value("pg_stat_database_numbackends", ["datname": "postgres"]) == 1)
        #expect((outcome.value("pg_database_size_bytes", ["datname": "postgres"]) ?? 0) > 1e6)
        #expect(outcome.value("pg_stat_bgwriter_buffers_alloc_total") != nil)
        #expect(outcome.value("pg_blocked_backends") == 0)
        let idle = ["datname": "postgres", "state": "idle"]
        #expect(outcome.value("pg_stat_activity_count", idle) == 0)
        let lock = ["datname": "postgres", "mode": "accesssharelock"]
        #expect(outcome.value("pg_locks_count", lock) == 0)
    }

    @Test func `promised against usable connections`() async {
        var options = options()
        options.reservedConnections = 20
        options.pools = [
            .init(service: "auth-service", max: 16), .init(service: "rest", max: 95),
        ]
        var source = PostgresSource(options)
        let outcome = await source.poll(slot())
        #expect(outcome.value("pg_connections_promised") == 111)
        #expect(outcome.value("pg_connections_usable") == 80)
        #expect(outcome.value("pg_connection_headroom") == 79)
        let auth = ["service": "auth-service"]
        #expect(
            outcome.value("db_pool_connections", ["service": "auth-service", "state": "max"]) == 16
        )
        #expect(outcome.value("db_pool_utilization_ratio", auth) == 0)
    }

    @Test func `sessions count for the service of their application name`() async throws {
        var options = options()
        options.pools = [.init(service: "auth", max: 4, applicationName: "auth-service")]
        let auth = try server.client("select pg_sleep(60)", application: "auth-service")
        let stranger = try server.client("select pg_sleep(60)", application: "stranger")
        defer {
            auth.stop()
            stranger.stop()
        }
        var source = PostgresSource(options)
        let session = ["application_name": "stranger", "state": "active"]
        let active = ["state": "active", "service": "auth"]
        var outcome = await source.poll(slot())
        for _ in 0..<100 {
            let isThere = outcome.value("pg_stat_activity_count", session) == 1
            if isThere, outcome.value("db_pool_connections", active) == 1 { break }
            try await Task.sleep(for: .milliseconds(50))
            outcome = await source.poll(slot())
        }
        #expect(outcome.value("db_pool_connections", active) == 1)
        let other = ["state": "active", "service": "other"]
        #expect(outcome.value("db_pool_connections", other) == 1)
        #expect(outcome.value("db_pool_utilization_ratio", ["service": "auth"]) == 0.25)
        #expect(outcome.value("pg_stat_activity_count", session) == 1)
    }

    @Test func `an account without rights loses only the parts that need them`() async throws {
        try server.run("create role plain login password 'plain'")
        var source = PostgresSource(options(server.dsn(user: "plain", password: "plain")))
        let outcome = await source.poll(slot())
        #expect(outcome.failure == nil)
        let hidden = ["activity": FailureReason.permission, "pools": .permission]
        #expect(outcome.failedParts.filter { hidden[$0.key] != nil } == hidden)
        #expect(outcome.value("pg_up") == 1)
        #expect(outcome.value("pg_settings_max_connections") == 100)
    }

    @Test func `SQL of the user gives metrics, and its error costs itself`() async {
        var options = options()
        options.queries = [
            .init(
                name: "audit",
                sql: "select 'denied' as kind, 3 as total union all select 'late', 4",
                labels: ["kind"],
                values: [.init(column: "total")]
            ),
            .init(name: "broken", sql: "select nothing from nowhere", values: []),
            .init(name: "write", sql: "create table t (a int)", values: []),
            .init(name: "slow", sql: "select pg_sleep(60)", values: []),
        ]
        options.timeout = .seconds(2)
        var source = PostgresSource(options)
        let outcome = await source.poll(slot())
        #expect(outcome.failure == nil)
        #expect(outcome.value("audit_total", ["kind": "late"]) == 4)
        #expect(
            outcome.failedParts
                == ["broken": .unsupported, "write": .unsupported, "slow": .timeout]
        )
    }

    @Test func `a wrong password is auth`() async {
        var source = PostgresSource(options(server.dsn(password: "wrong")))
        let outcome = await source.poll(slot())
        #expect(outcome.failure?.reason == .auth)
        #expect(outcome.value("pg_up") == 0)
        #expect(outcome.failure?.message.contains("wrong") == false)
    }

    @Test func `nobody listening is refused`() async {
        var source = PostgresSource(options("postgresql://a@127.0.0.1:\(freePort())/b"))
        #expect(await source.poll(slot()).failure?.reason == .refused)
    }

    @Test func `an unknown name is dns`() async {
        var source = PostgresSource(options("postgresql://a@no-such-host.invalid/b"))
        #expect(await source.poll(slot()).failure?.reason == .dns)
    }

    @Test func `a port that never answers is timeout`() async {
        let silent = SilentPort()
        var source = PostgresSource(options("postgresql://a@127.0.0.1:\(silent.port)/b"))
        let outcome = await source.poll(slot(timeout: .milliseconds(200)))
        #expect(outcome.failure?.reason == .timeout)
    }

    @Test func `another protocol's answer is protocol`() async {
        let other = SilentPort(saying: "HTTP/1.1 400 Bad Request\r\n\r\n")
        let dsn = "postgresql://a@127.0.0.1:\(other.port)/b?sslmode=disable"
        var source = PostgresSource(options(dsn))
        let outcome = await source.poll(slot(timeout: .seconds(2)))
        #expect(outcome.failure?.reason == .protocol, "\(outcome.failure?.message ?? "")")
    }

    @Test func `a session that the server ended is replaced within the poll`() async throws {
        var source = PostgresSource(options())
        #expect(await source.poll(slot()).failure == nil)
        try server.run(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'nightjar'"
        )
        #expect(await source.poll(slot()).failure == nil)
    }
}

@Suite(
    .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"),
    .timeLimit(.minutes(2))
)
struct PostgresOutageTests {
    @Test func `a server that dies and comes back`() async throws {
        let server = try PostgresServer()
        let first = try await server.start()
        var source = PostgresSource(PostgresOptions(name: "main", dsn: Secret(server.dsn())))
        #expect(await source.poll(slot()).failure == nil)
        first.send(signal: 2)
        first.wait()
        #expect(await source.poll(slot()).failure?.reason == .refused)
        let second = try await server.start()
        defer { second.stop() }
        #expect(await source.poll(slot()).failure == nil)
    }
}
