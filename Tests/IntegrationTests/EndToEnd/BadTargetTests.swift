// SPDX-License-Identifier: Apache-2.0
// Nightjar
import TestSupport
import Testing

/// One daemon whose targets fail in every way at once, beside some that work.
@Suite(.postgres, .redis, .serialized) struct BadTargetTests {
    private let hung = SilentPort()
    private let mail = SilentPort(saying: "220 mail.example.com ESMTP ready\r\n")
    private let closed = freePort()
    private let page = GaugePage()
    private let web = CannedServer { text in
        if text.contains("GET /locked") { return .body(401, "no") }
        return .body(200, "<!doctype html><title>Welcome to nginx!</title>", type: "text/html")
    }

    /// One entry a target: its kind and name with the reason that must be told of it.
    private let reasons = [
        "postgres down": "refused", "postgres hung": "timeout", "postgres mail": "protocol",
        "postgres locked": "auth",
        "redis down": "refused", "redis hung": "timeout", "redis mail": "protocol",
        "redis locked": "auth",
        "breakers down": "refused", "breakers hung": "timeout", "breakers mail": "protocol",
        "breakers locked": "auth", "breakers garbage": "protocol",
        "kafka down": "refused", "kafka hung": "timeout", "kafka mail": "protocol",
        "scrape down": "refused", "scrape hung": "timeout", "scrape mail": "protocol",
        "scrape locked": "auth", "scrape garbage": "protocol",
    ]

    private func configuration(_ postgres: PostgresServer, _ redis: RedisServer) -> String {
        let places = [("down", closed), ("hung", hung.port), ("mail", mail.port)]
        func entries(_ line: (String, UInt16) -> String) -> String {
            places.map { "  - \(line($0.0, $0.1))\n" }.joined()
        }
        let hosts = entries {
            "{job_name: \($0), static_configs: [{targets: [\"127.0.0.1:\($1)\"]}]}"
        }
        return """
            global:
              poll_interval: 2s
              poll_timeout: 500ms
              scrape_interval: 2s
              scrape_timeout: 500ms
            web: {listen: "127.0.0.1:0"}
            storage: {path: ":memory:"}
            postgres:
            \(entries { "{name: \($0), dsn: \"postgresql://a:b@127.0.0.1:\($1)/x\"}" })\
              - {name: locked, dsn: "\(postgres.dsn(password: "wrong"))"}
              - {name: good, dsn: "\(postgres.dsn())"}
            redis:
            \(entries { "{name: \($0), address: \"redis://127.0.0.1:\($1)/0\"}" })\
              - {name: locked, address: "redis://nobody:wrong@127.0.0.1:\(redis.port)/0"}
              - {name: good, address: "redis://127.0.0.1:\(redis.port)/0"}
            circuit_breakers:
            \(entries { "{name: \($0), url: \"http://127.0.0.1:\($1)/health\"}" })\
              - {name: locked, url: "\(web.url)/locked"}
              - {name: garbage, url: "\(web.url)/"}
            kafka:
              - {name: down, brokers: ["127.0.0.1:\(closed)"]}
              - {name: hung, brokers: ["127.0.0.1:\(hung.port)"]}
              - {name: mail, brokers: ["127.0.0.1:\(mail.port)"]}
            scrape_configs:
            \(hosts)\
              - {job_name: locked, metrics_path: /locked, static_configs: [{targets: ["127.0.0.1:\(web.port)"]}]}
              - {job_name: garbage, static_configs: [{targets: ["127.0.0.1:\(web.port)"]}]}
              - {job_name: good, static_configs: [{targets: ["\(page.target)"]}]}
            """
    }

    @Test func `each failure is told by its reason, and costs nobody else a poll`() async throws {
        let deployment = try Deployment(
            configuration(
                try #require(PostgresServer.current),
                try #require(RedisServer.current)
            )
        )
        try await deployment.run { address in
            _ = try await eventually { try await told(deployment, address) == reasons }
            let found = try await told(deployment, address)
            #expect(found == reasons)
            // More rounds, with all of them failing.
            #expect(
                try await eventually {
                    try await values(deployment, address, "nightjar_source_polls_total", "good")
                        .allSatisfy { $0 >= 4 }
                }
            )
            #expect(
                try await values(deployment, address, "nightjar_source_up", "good") == [1, 1, 1]
            )
            // One that waited for the hung ones would skip most of its slots; a busy machine may
            // cost a single one.
            let skipped = "nightjar_source_polls_skipped_total"
            #expect(try await values(deployment, address, skipped, "good").allSatisfy { $0 <= 1 })
            #expect(try await told(deployment, address) == reasons)
            let ups = try await deployment.query(address, "nightjar_source_up == 0", by: "name")
            #expect(ups.count == 10)
            let page = try await deployment.text(address + "/metrics")
            #expect(page.contains("redis_up{server=\"good\"} 1"))
            #expect(page.contains("redis_up{server=\"hung\"} 0"))
        }
    }

    /// The reasons of the sources that fail, by kind and name.
    private func told(_ deployment: Deployment, _ address: String) async throws -> [String: String]
    {
        let rows = try await deployment.rows(address, "nightjar_source_failure")
        let pairs = rows.map { labels in
            let name = labels["name", default: ""].split(separator: "/").first ?? ""
            return ("\(labels["kind", default: ""]) \(name)", labels["reason", default: ""])
        }
        return Dictionary(pairs) { $1 }
    }

    private func values(
        _ deployment: Deployment,
        _ address: String,
        _ metric: String,
        _ name: String
    ) async throws -> [Double] {
        let expression = metric + "{name=~\"\(name)(/.*)?\"}"
        let found = try await deployment.query(address, expression, by: "kind")
        return found.values.sorted()
    }
}
