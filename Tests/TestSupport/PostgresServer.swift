// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Glibc
public import Testing

/// A PostgreSQL server of a test's own, on a free port with its data in a temporary directory.
///
/// It runs as `postgres`, since it refuses to run as root, and is ended by its id.
public final class PostgresServer: Sendable {
    /// Where Debian keeps the programs of the newest version that is installed.
    public static let programs = paths(matching: "/usr/lib/postgresql/*/bin/").last ?? "/nowhere/"
    /// Whether the server is installed.
    public static let isInstalled = unsafe access(programs + "postgres", X_OK) == 0

    /// The server that the suite's trait started.
    @TaskLocal public static var current: PostgresServer?

    /// The port of loopback it listens on.
    public let port = freePort()
    private let directory = TemporaryDirectory()
    private var data: String { directory.file("data") }

    /// Makes the database cluster: superuser `postgres`, any password over loopback is checked.
    ///
    /// - Throws: what starting a program throws.
    public init() throws {
        let passwordFile = directory.file("password")
        try ServerProcess.run(["sh", "-c", "printf secret > \(passwordFile)"])
        try ServerProcess.run(
            [
                Self.programs + "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256",
                "--pwfile", passwordFile, "-N", "--locale=C", "-E", "UTF8",
            ],
            logFile: directory.file("initdb.log"),
            user: "postgres"
        )
    }

    /// Makes a copy of a running server, which follows it as its standby.
    ///
    /// - Throws: what starting a program throws.
    public init(standbyOf primary: PostgresServer) throws {
        let words = [
            Self.programs + "pg_basebackup", "-D", data, "-d", primary.dsn(), "-R", "-X", "stream",
            "-c", "fast", "-C", "-S", "standby",
        ]
        try ServerProcess.run(words, logFile: directory.file("backup.log"), user: "postgres")
    }

    /// Makes a certificate that `ssl_cert_file` and `ssl_key_file` may name, signed by itself.
    ///
    /// - Throws: what starting a program throws.
    public func makeCertificate() throws -> (certificate: String, key: String) {
        let (certificate, key) = (directory.file("server.crt"), directory.file("server.key"))
        try ServerProcess.run(
            [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
                certificate,
            ],
            user: "postgres"
        )
        return (certificate, key)
    }

    /// Starts the server and waits until it accepts connections.
    ///
    /// - Throws: what starting a program throws.
    public func start(settings: [String] = []) async throws -> ServerProcess {
        let words =
            [
                Self.programs + "postgres", "-D", data, "-p", "\(port)", "-c",
                "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + directory.path,
                "-c", "fsync=off", "-c", "shared_buffers=16MB",
            ] + settings.flatMap { ["-c", $0] }
        let process = try ServerProcess(
            words,
            logFile: directory.file("postgres.log"),
            user: "postgres"
        )
        for _ in 0..<500 {
            if try run("select 1") == 0 { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        return process
    }

    /// A connection URI for an account.
    public func dsn(
        user: String = "postgres",
        password: String = "secret",
        database: String = "postgres"
    ) -> String {
        "postgresql://\(user):\(password)@127.0.0.1:\(port)/\(database)"
    }

    /// Runs SQL with psql and tells its exit status.
    ///
    /// - Throws: what starting a program throws.
    @discardableResult
    public func run(_ sql: String, application: String = "psql") throws -> Int32 {
        try client(sql, application: application).wait()
    }

    /// Starts psql on some SQL; it lives as long as that takes.
    ///
    /// - Throws: what starting a program throws.
    public func client(_ sql: String, application: String) throws -> ServerProcess {
        let target = dsn() + "?application_name=" + application
        return try ServerProcess(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", target, "-c", sql])
    }
}

/// Starts a PostgreSQL server round a suite.
public struct PostgresServerTrait: SuiteTrait, TestScoping {
    /// Gives the suite `PostgresServer.current`.
    ///
    /// - Throws: what starting the server throws, or the tests.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let server = try PostgresServer()
        let process = try await server.start()
        defer { process.stop() }
        try await PostgresServer.$current.withValue(server) { try await function() }
    }
}

extension Trait where Self == PostgresServerTrait {
    /// A PostgreSQL server for the suite.
    public static var postgres: Self { Self() }
}
