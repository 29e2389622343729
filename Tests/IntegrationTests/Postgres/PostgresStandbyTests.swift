// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Secrets
import TestSupport
import Testing

@testable import Collectors

/// A primary with its standby, and a server that speaks TLS.
@Suite(
    .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"),
    .serialized,
    .timeLimit(.minutes(2))
)
struct PostgresStandbyTests {
    private func poll(_ dsn: String) async -> PollOutcome {
        var source = PostgresSource(PostgresOptions(name: "main", dsn: Secret(dsn)))
        return await source.poll(slot())
    }

    /// Polls until the poll shows what is waited for, or 20 s are over.
    private func poll(
        _ dsn: String,
        until isThere: (PollOutcome) -> Bool
    ) async throws -> PollOutcome {
        for _ in 0..<200 {
            let outcome = await poll(dsn)
            if isThere(outcome) { return outcome }
            try await Task.sleep(for: .milliseconds(100))
        }
        return await poll(dsn)
    }

    @Test func `a standby says what it is, and its primary how far it is`() async throws {
        let primary = try PostgresServer()
        let primaryProcess = try await primary.start()
        defer { primaryProcess.stop() }
        let standby = try PostgresServer(standbyOf: primary)
        let standbyProcess = try await standby.start()
        defer { standbyProcess.stop() }
        try primary.run("create table a as select generate_series(1, 1000)")
        let behind = try await poll(standby.dsn()) {
            $0.value("pg_replication_last_replay_seconds") ?? 0 > 0
        }
        #expect(behind.failure == nil)
        #expect(behind.failedParts == [:])
        #expect(behind.value("pg_replication_is_replica") == 1)
        #expect((behind.value("pg_replication_lag_seconds") ?? -1) >= 0)
        let ahead = try await poll(primary.dsn()) {
            $0.value("pg_stat_replication_pg_wal_lsn_diff", ["state": "streaming"]) == 0
        }
        #expect(ahead.failedParts == [:])
        #expect(ahead.value("pg_replication_is_replica") == 0)
        let standbyLabels = ["application_name": "walreceiver", "state": "streaming"]
        #expect(ahead.value("pg_stat_replication_pg_wal_lsn_diff", standbyLabels) == 0)
        #expect(ahead.value("pg_replication_slots_active", ["slot_name": "standby"]) == 1)
    }

    @Test func `TLS is spoken, and a certificate of nobody known is tls`() async throws {
        let server = try PostgresServer()
        let (certificate, key) = try server.makeCertificate()
        let process = try await server.start(
            settings: ["ssl=on", "ssl_cert_file=\(certificate)", "ssl_key_file=\(key)"]
        )
        defer { process.stop() }
        let dsn = server.dsn()
        let known = await poll(dsn + "?sslmode=verify-ca&sslrootcert=\(certificate)")
        #expect(known.value("pg_up") == 1)
        let unknown = await poll(dsn + "?sslmode=verify-ca&sslrootcert=/nowhere")
        #expect(unknown.failure?.reason == .tls)
        let misnamed = await poll(dsn + "?sslmode=verify-full&sslrootcert=\(certificate)")
        #expect(misnamed.failure?.reason == .tls)
    }

    @Test func `a server without TLS that is asked for it is tls`() async throws {
        let server = try PostgresServer()
        let process = try await server.start()
        defer { process.stop() }
        let outcome = await poll(server.dsn() + "?sslmode=require")
        #expect(outcome.value("pg_up") == 0)
        #expect(outcome.failure?.reason == .tls)
    }
}
