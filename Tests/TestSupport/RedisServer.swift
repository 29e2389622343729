// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc
public import Testing

/// A Redis server of a test's own, on a free port, keeping nothing.
public final class RedisServer: Sendable {
    /// Whether the server is installed.
    public static let isInstalled = unsafe access("/usr/bin/redis-server", X_OK) == 0

    /// The server that the suite's trait started.
    @TaskLocal public static var current: RedisServer?

    /// The port of loopback it listens on.
    public let port = freePort()

    /// Makes a server that does not run yet.
    public init() {}

    /// Starts the server and waits until it accepts connections.
    ///
    /// - Throws: what starting a program throws.
    public func start(_ arguments: [String] = []) async throws -> ServerProcess {
        let process = try ServerProcess(
            [
                "redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--save", "",
                "--appendonly", "no",
            ] + arguments
        )
        for _ in 0..<500 {
            if canConnect(port: port) { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        return process
    }

    /// Runs a command with redis-cli and tells its exit status.
    ///
    /// - Throws: what starting a program throws.
    @discardableResult
    public func run(_ words: String...) throws -> Int32 {
        try ServerProcess.run(["redis-cli", "-p", "\(port)"] + words)
    }
}

/// Starts a Redis server round a suite.
public struct RedisServerTrait: SuiteTrait, TestScoping {
    /// Gives the suite `RedisServer.current`.
    ///
    /// - Throws: what starting the server throws, or the tests.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let server = RedisServer()
        let process = try await server.start()
        defer { process.stop() }
        try await RedisServer.$current.withValue(server) { try await function() }
    }
}

extension Trait where Self == RedisServerTrait {
    /// A Redis server for the suite.
    public static var redis: Self { Self() }
}
