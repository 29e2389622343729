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
    .enabled(if: RedisServer.isInstalled, "redis-server is not installed"),
    .redis,
    .serialized,
    .timeLimit(.minutes(1))
)
struct RedisCollectorTests {
    let server: RedisServer

    init() throws { server = try #require(RedisServer.current) }

    func options(_ address: String? = nil) -> RedisOptions {
        let own = "redis://127.0.0.1:\(server.port)/0"
        return RedisOptions(name: "cache", address: Secret(address ?? own))
    }

    @Test func `a poll gives the families with their values`() async throws {
        try server.run("SET", "greeting", "hello", "EX", "1000")
        try server.run("CONFIG", "SET", "maxmemory", "100mb")
        var source = RedisSource(options())
        let outcome = await source.poll(slot())
        #expect(outcome.failure == nil)
        #expect(outcome.failedParts == [:])
        #expect(outcome.value("redis_up", ["server": "cache"]) == 1)
        #expect(outcome.value("redis_connected_clients") == 1)
        #expect(outcome.value("redis_memory_max_bytes") == 104_857_600)
        #expect((outcome.value("redis_memory_used_bytes") ?? 0) > 500_000)
        #expect(outcome.value("redis_db_keys", ["db": "db0"]) == 1)
        #expect(outcome.value("redis_db_keys", ["db": "db15"]) == 0)
        #expect(outcome.value("redis_db_keys_expiring", ["db": "db0"]) == 1)
        #expect((outcome.value("redis_commands_total", ["cmd": "set"]) ?? 0) >= 1)
        #expect(outcome.value("redis_instance_info", ["role": "master"]) == 1)
        #expect(outcome.value("redis_config_maxclients") != nil)
        #expect(outcome.value("redis_rdb_last_bgsave_status") == 1)
        #expect(outcome.value("redis_connected_slaves") == 0)
        let median = ["cmd": "set", "quantile": "0.5"]
        #expect(outcome.value("redis_latency_percentiles_usec", median) != nil)
        try server.run("DEL", "greeting")
    }

    @Test func `the slow log is counted`() async throws {
        try server.run("CONFIG", "SET", "slowlog-log-slower-than", "0")
        try server.run("PING")
        try server.run("CONFIG", "SET", "slowlog-log-slower-than", "10000")
        var source = RedisSource(options())
        let outcome = await source.poll(slot())
        #expect((outcome.value("redis_slowlog_length") ?? 0) >= 1)
        #expect((outcome.value("redis_slowlog_last_id") ?? 0) >= 1)
    }

    @Test func `chosen keys and streams`() async throws {
        try server.run("RPUSH", "queue:mail", "a", "b", "c")
        try server.run("XADD", "events", "1-1", "k", "v")
        try server.run("XGROUP", "CREATE", "events", "readers", "0")
        var options = options()
        options.checkKeys = ["queue:*", "absent"]
        options.checkStreams = ["events", "absent"]
        var source = RedisSource(options)
        let outcome = await source.poll(slot())
        #expect(outcome.failedParts == [:])
        #expect(outcome.value("redis_key_size", ["key": "queue:mail", "db": "db0"]) == 3)
        #expect(outcome.value("redis_key_size", ["key": "absent"]) == nil)
        #expect(outcome.value("redis_stream_length", ["stream": "events"]) == 1)
        #expect(outcome.value("redis_stream_group_lag", ["group": "readers"]) == 1)
    }

    @Test func `a command that the account may not give costs its own part`() async throws {
        try server.run(
            "ACL",
            "SETUSER",
            "watch",
            "on",
            ">pw",
            "+info",
            "+latency",
            "-slowlog",
            "-config"
        )
        var source = RedisSource(options("redis://watch:pw@127.0.0.1:\(server.port)"))
        let outcome = await source.poll(slot())
        #expect(outcome.failure == nil)
        #expect(outcome.failedParts == ["config": .permission, "slowlog": .permission])
    }

    @Test func `a wrong password is auth`() async {
        var options = options()
        options.password = Secret("wrong")
        var source = RedisSource(options)
        let outcome = await source.poll(slot())
        #expect(outcome.failure?.reason == .auth)
        #expect(outcome.value("redis_up") == 0)
    }

    @Test func `nobody listening is refused, an unknown name dns`() async {
        var refused = RedisSource(options("redis://127.0.0.1:\(freePort())"))
        #expect(await refused.poll(slot()).failure?.reason == .refused)
        var unknown = RedisSource(options("redis://no-such-host.invalid"))
        #expect(await unknown.poll(slot()).failure?.reason == .dns)
    }

    @Test func `a port that never answers is timeout`() async {
        let silent = SilentPort()
        var source = RedisSource(options("redis://127.0.0.1:\(silent.port)"))
        let outcome = await source.poll(slot(timeout: .milliseconds(200)))
        #expect(outcome.failure?.reason == .timeout)
    }

    @Test func `another protocol's answer is protocol`() async {
        let other = SilentPort(saying: "HTTP/1.1 400 Bad Request\r\n\r\n")
        var source = RedisSource(options("redis://127.0.0.1:\(other.port)"))
        let outcome = await source.poll(slot(timeout: .seconds(2)))
        #expect(outcome.failure?.reason == .protocol, "\(outcome.failure?.message ?? "")")
    }

    @Test(arguments: ["*2000000000\r\n", "*900000\r\n*900000\r\n", "*-2147483648\r\n"])
    func `an array that is announced too long is refused before it is made`(words: String) async {
        let hostile = SilentPort(saying: words)
        var source = RedisSource(options("redis://127.0.0.1:\(hostile.port)"))
        let outcome = await source.poll(slot(timeout: .seconds(5)))
        #expect(outcome.failure?.reason == .protocol, "\(outcome.failure?.message ?? "")")
    }

    @Test func `a server that dies and comes back, with a password`() async throws {
        let other = RedisServer()
        let first = try await other.start(["--requirepass", "secret"])
        var source = RedisSource(options("redis://:secret@127.0.0.1:\(other.port)"))
        #expect(await source.poll(slot()).failure == nil)
        var nobody = RedisSource(options("redis://127.0.0.1:\(other.port)"))
        #expect(await nobody.poll(slot()).failure?.reason == .auth)
        first.stop()
        #expect(await source.poll(slot()).failure?.reason == .refused)
        let second = try await other.start(["--requirepass", "secret"])
        defer { second.stop() }
        #expect(await source.poll(slot()).failure == nil)
    }

    @Test func `the loop stores samples, ends them at failure, and tells both`() async throws {
        let telemetry = Registry()
        let store = try await SeriesStore.open(.memory, telemetry: telemetry)
        let board = PollBoard()
        let start = ContinuousClock.now
        let clock = PollClock(now: {
            Timestamp(milliseconds: 1_000_000 + (ContinuousClock.now - start).milliseconds)
        })
        let context = CollectorContext(
            store: store,
            telemetry: telemetry,
            board: board,
            clock: clock
        )
        let other = RedisServer()
        let process = try await other.start()
        var options = options("redis://127.0.0.1:\(other.port)")
        options.interval = .milliseconds(100)
        let collector = RedisCollector(options)
        let up = Matcher("__name__", equals: "redis_up")
        let clients = Matcher("__name__", equals: "redis_connected_clients")
        func last(_ matcher: Matcher) throws -> Double? {
            let end = Timestamp(milliseconds: 1_000_000_000)
            let from = Timestamp(milliseconds: 0)
            return try store.select([matcher], from: from, through: end).first?.values.last
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await collector.run(context) }
            while board.entry(of: collector.target)?.slot == nil {
                try await Task.sleep(for: .milliseconds(5))
            }
            let polled = board.entry(of: collector.target)
            #expect(polled?.outcome?.failure == nil)
            #expect(try last(up) == 1)
            #expect(try last(clients) == 1)
            process.stop()
            while board.entry(of: collector.target)?.outcome?.failure == nil {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try last(up) == 0)
            #expect(try last(clients)?.isStalenessMarker == true)
            group.cancelAll()
        }
        #expect(board.targets.isEmpty)
        #expect(try last(up)?.isStalenessMarker == true)
    }
}
