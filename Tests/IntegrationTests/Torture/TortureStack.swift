// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import Locking
import TestSupport

/// A page, a Redis and a PostgreSQL, each of which holds a condition that a rule looks for, and may
/// hang, go away and come back.
final class TortureStack {
    /// What a target does.
    enum Health: Sendable { case well, hung, gone }

    private let pageHealth = Lock(Health.well)
    private let depth = Lock(1)
    private let page: CannedServer
    private let redis = RedisServer()
    private let postgres: PostgresServer
    private let directory = TemporaryDirectory()
    private var redisProcess: ServerProcess?
    private var postgresProcess: ServerProcess?
    private var sessions: [ServerProcess] = []
    private(set) var health: [String: Health] = [:]
    private(set) var truth: [String: Truth] = [:]
    /// Targets that failed since their condition was set last.
    private var disturbed: Set<String> = []

    static let targets = ["page", "redis", "postgres"]
    /// The alerts that look for each target's condition.
    static let alerts = [
        "page": ["PageDeep", "PageDeepLong"], "redis": ["RedisFull"], "postgres": ["PoolFull"],
    ]

    init() async throws {
        let (depth, pageHealth) = (depth, pageHealth)
        page = CannedServer { _ in
            switch pageHealth.withLock({ $0 }) {
            case .well:
                .body(200, "# TYPE queue_depth gauge\nqueue_depth \(depth.withLock { $0 })\n")
            case .hung: .silence
            case .gone: .raw("")
            }
        }
        postgres = try PostgresServer()
        for target in Self.targets {
            truth[target] = Truth()
            try await mend(target)
        }
    }

    func stop() {
        for process in sessions + [redisProcess, postgresProcess].compactMap(\.self) {
            process.send(signal: 18)
            process.stop()
        }
        sessions = []
    }

    /// The sources of a configuration.
    var sources: String {
        """
        postgres:
          - {name: main, dsn: "\(postgres.dsn())", pools: {auth-service: 2}}
        redis: [{name: cache, address: "redis://127.0.0.1:\(redis.port)/0"}]
        scrape_configs:
          - {job_name: app, static_configs: [{targets: ["127.0.0.1:\(page.port)"]}]}
        """
    }

    static let rules = """
        groups:
          - name: conditions
            rules:
              - {alert: PageDeep, expr: queue_depth > 5}
              - {alert: PageDeepLong, expr: queue_depth > 5, for: 3s}
              - {alert: RedisFull, expr: max(redis_db_keys) > 0}
              - {alert: PoolFull, expr: max by (service) (db_pool_utilization_ratio) > 0.9}
              - {alert: Watchdog, expr: vector(1)}
        """

    /// Lets the condition of a target that is well hold or not.
    func set(_ target: String, _ on: Bool) async throws {
        guard health[target] == .well else { return }
        switch target {
        case "page": depth.withLock { $0 = on ? 9 : 1 }
        case "redis":
            try redis.run(on ? "set" : "del", "key", on ? "value" : "key")
        default:
            for session in sessions { session.stop() }
            sessions = []
            if on {
                sessions = try (0..<2).map { _ in
                    try postgres.client("select pg_sleep(3600)", application: "auth-service")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        truth[target]?.set(on)
        disturbed.remove(target)
    }

    /// Whether a target has been well ever since its condition was set.
    func isUndisturbed(_ target: String) -> Bool { !disturbed.contains(target) }

    func hurt(_ target: String, _ how: Health) {
        guard health[target] == .well else { return }
        health[target] = how
        disturbed.insert(target)
        switch target {
        case "page": pageHealth.withLock { $0 = how }
        case "redis":
            redisProcess?.send(signal: how == .hung ? 19 : 9)
            if how == .gone { redisProcess?.wait() }
        default:
            // Immediate shutdown: as when its machine fails, clients lose their connections.
            postgresProcess?.send(signal: how == .hung ? 19 : 3)
            if how == .gone {
                postgresProcess?.wait()
                for session in sessions { session.stop() }
                sessions = []
            }
        }
    }

    /// Brings a target back; its condition is what it was, after a while at most.
    func mend(_ target: String) async throws {
        let before = health[target]
        guard before != .well else { return }
        health[target] = .well
        switch target {
        case "page": pageHealth.withLock { $0 = .well }
        case "redis":
            if before == .hung { redisProcess?.send(signal: 18) } else { try await startRedis() }
        default:
            if before == .hung {
                postgresProcess?.send(signal: 18)
            } else {
                try await startPostgres()
            }
        }
    }

    private func startRedis() async throws {
        // What it had is on its disk: the condition holds as before when it is back.
        redisProcess = try await redis.start(["--appendonly", "yes", "--dir", directory.path])
    }

    private func startPostgres() async throws {
        let isOn = truth["postgres"]?.isOn ?? false
        if isOn { truth["postgres"]?.set(false) }
        postgresProcess = try await postgres.start()
        if isOn { try await set("postgres", true) }
    }
}
