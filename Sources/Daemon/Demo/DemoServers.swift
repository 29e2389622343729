// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Glibc

/// Why the throw-away stack could not be started.
struct DemoError: Error, CustomStringConvertible {
    let description: String
}

/// The servers of the throw-away stack, in one directory of their own that ends with them.
struct DemoServers {
    let directory: String
    let postgresPort: Int
    let redisPort: Int
    private let postgres: ChildProcess
    private let redis: ChildProcess

    /// Starts PostgreSQL and Redis on free ports of loopback.
    ///
    /// PostgreSQL refuses to run as root, so there it runs as the account `postgres`.
    ///
    /// - Throws: `DemoError`, with the log's place, where a server does not come up in 30 s.
    static func start(in directory: String) async throws -> DemoServers {
        let postgresPort = Int(freeLoopbackPort())
        let redisPort = Int(freeLoopbackPort())
        let redis = try ChildProcess(
            [
                "redis-server", "--port", "\(redisPort)", "--bind", "127.0.0.1", "--save", "",
                "--appendonly", "no", "--dir", directory,
            ],
            logFile: directory + "/redis.log"
        )
        do {
            let postgres = try await startPostgres(in: directory, port: postgresPort)
            let servers = DemoServers(
                directory: directory,
                postgresPort: postgresPort,
                redisPort: redisPort,
                postgres: postgres,
                redis: redis
            )
            do {
                try await wait(
                    for: postgresPort,
                    name: "PostgreSQL",
                    log: directory + "/postgres.log"
                )
                try await wait(for: redisPort, name: "Redis", log: directory + "/redis.log")
            } catch {
                servers.stop()
                throw error
            }
            return servers
        } catch {
            redis.stop()
            throw error
        }
    }

    /// Ends both servers, thawed first: a frozen process does not heed SIGTERM.
    func stop() {
        redis.send(signal: SIGCONT)
        redis.stop()
        postgres.stop()
    }

    /// Stops Redis from answering, or lets it answer again.
    func freezeRedis(_ isFrozen: Bool) { redis.send(signal: isFrozen ? SIGSTOP : SIGCONT) }

    private static func startPostgres(in directory: String, port: Int) async throws -> ChildProcess
    {
        let programs = paths(matching: "/usr/lib/postgresql/*/bin/initdb").last
        let folder = programs.map { String($0.dropLast("/initdb".count)) }
        guard let folder else {
            throw DemoError(description: "PostgreSQL is missing: apt-get install postgresql")
        }
        // The account of the server owns this folder, and nothing else here.
        let own = directory + "/postgres"
        let owner = getuid() == 0 ? ["-o", "postgres"] : []
        try ChildProcess.run(["install", "-d", "-m", "700"] + owner + [own])
        let data = own + "/data"
        let log = directory + "/postgres.log"
        let made = try ChildProcess.run(
            [folder + "/initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"],
            logFile: directory + "/initdb.log",
            user: "postgres"
        )
        try Task.checkCancellation()
        guard made == 0 else {
            throw DemoError(description: "initdb failed; its log is \(directory)/initdb.log")
        }
        return try ChildProcess(
            [
                folder + "/postgres", "-D", data, "-p", "\(port)", "-k", own, "-c",
                "listen_addresses=127.0.0.1", "-c", "max_connections=100", "-c", "fsync=off",
            ],
            logFile: log,
            user: "postgres"
        )
    }

    private static func wait(for port: Int, name: String, log: String) async throws {
        for _ in 0..<300 {
            if isAccepting(loopbackPort: UInt16(port)) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw DemoError(description: "\(name) did not come up in 30 s; its log is \(log)")
    }
}
