// SPDX-License-Identifier: Apache-2.0
// Nightjar
import SourceText
import TestSupport
import Testing

@Suite(.redis, .serialized) struct ReloadTests {
    private let page = GaugePage()
    private let receiver = FakeReceiver()

    private func configuration(
        redis: [String],
        rules: [String] = ["a.rules.yml", "b.rules.yml"],
        listen: String = "127.0.0.1:0",
        global: String = ""
    ) throws -> String {
        let server = try #require(RedisServer.current)
        let servers = redis.map {
            "  - {name: \($0), address: \"redis://127.0.0.1:\(server.port)/0\"}\n"
        }
        return """
            global: {poll_interval: 200ms, scrape_interval: 200ms, evaluation_interval: 200ms\(global)}
            web: {listen: "\(listen)"}
            storage: {path: data}
            redis:
            \(servers.joined())
            scrape_configs:
              - {job_name: app, static_configs: [{targets: ["\(page.target)"]}]}
            rule_files: [\(rules.joined(separator: ", "))]
            alerting:
              route: {receiver: on-call, group_by: [alertname], group_wait: 100ms, group_interval: 200ms}
              receivers:
                - {name: on-call, webhook_configs: [{url: "\(receiver.url)/hook"}]}
            """
    }

    private func alert(_ name: String, _ expression: String, lasting: String) -> String {
        "      - {alert: \(name), expr: '\(expression)', for: \(lasting)}\n"
    }

    private func group(_ name: String, _ rules: String...) -> String {
        "groups:\n  - name: \(name)\n    rules:\n" + rules.joined()
    }

    private func deploy() throws -> Deployment {
        try Deployment(
            try configuration(redis: ["first", "second"]),
            [
                "a.rules.yml": group("a", alert("DeepA", "queue_depth > 5", lasting: "1h")),
                "b.rules.yml": group(
                    "b",
                    alert("DeepB", "queue_depth > 5", lasting: "1h"),
                    alert("DeepNow", "queue_depth > 5", lasting: "0s")
                ),
            ]
        )
    }

    private func told(_ status: String, _ name: String) -> Bool {
        receiver.requests.contains { request in
            let body = try? JSONValue.parse(request.body)
            return body?["alerts"]?.array?.contains { alert in
                alert["status"]?.string == status
                    && alert["labels"]?["alertname"]?.string == name
            } ?? false
        }
    }

    @Test func `a subquery that names no step takes the evaluation interval, also a changed one`()
        async throws
    {
        func text(_ interval: String) -> String {
            "global: {evaluation_interval: \(interval)}\nstorage: {path: data}\n"
                + "web: {listen: \"127.0.0.1:0\"}\n"
        }
        let deployment = try Deployment(text("15s"), [:])
        try await deployment.run { address in
            let path =
                address + "/api/v1/query?query="
                + deployment.encoded("count_over_time(vector(1)[1m:])")
            #expect(try await deployment.text(path).contains("\"4\"]"))
            try deployment.write("nightjar.yml", text("20s"))
            #expect(try await deployment.reload(address).status == 200)
            #expect(try await deployment.text(path).contains("\"3\"]"))
        }
    }

    @Test func `a wrong configuration is answered with all its errors, and the old one runs on`()
        async throws
    {
        let deployment = try deploy()
        try await deployment.run { address in
            #expect(
                try await eventually {
                    try await deployment.query(address, "redis_up", by: "server").count == 2
                }
            )
            try deployment.write(
                "nightjar.yml",
                try configuration(redis: ["first"], global: ", poll_intervall: 1s")
            )
            try deployment.write("a.rules.yml", group("a", alert("X", "sum(", lasting: "1h")))
            let (status, text) = try await deployment.reload(address)
            #expect(status == 400)
            #expect(text.contains("\(deployment.path):1:84: error: unknown key 'poll_intervall'"))
            #expect(text.contains("a.rules.yml:4:31: error: could not parse expression"))
            let page = try await deployment.text(address + "/metrics")
            #expect(page.contains("\nnightjar_config_last_reload_successful 0\n"))
            #expect(try await deployment.query(address, "redis_up", by: "server").count == 2)
        }
    }

    private func polls(
        of name: String,
        exceed count: Double,
        _ deployment: Deployment,
        _ address: String
    ) async throws {
        let polls = "nightjar_source_polls_total"
        let isReached = try await eventually {
            try await deployment.query(address, "\(polls){name=\"\(name)\"}")[polls, default: 0]
                > count
        }
        #expect(isReached)
    }

    @Test func `only what changed is exchanged`() async throws {
        let deployment = try deploy()
        try await deployment.run { address in
            #expect(
                try await eventually {
                    try await deployment.query(address, "redis_up", by: "server").count == 2
                }
            )
            let connections = "redis_connections_received_total{server=\"first\"}"
            // By its third poll, the first target has seen the second one's connection.
            try await polls(of: "first", exceed: 2, deployment, address)
            let before = try await deployment.query(address, connections)
            try deployment.write(
                "nightjar.yml",
                try configuration(redis: ["first"], listen: "127.0.0.1:1")
            )
            let (status, text) = try await deployment.reload(address)
            #expect(status == 200)
            #expect(text.contains("'listen' of 'web' has changed"))
            // The removed target's series have ended, and were not left to fade.
            let servers = try await deployment.query(address, "redis_up", by: "server")
            #expect(servers.keys.sorted() == ["first"])
            let sources = try await deployment.text(address + "/api/nightjar/sources")
            #expect(!sources.contains("\"name\":\"second\""))
            try await polls(of: "first", exceed: 10, deployment, address)
            #expect(try await deployment.query(address, connections) == before)
            let success = "nightjar_config_last_reload_successful"
            #expect(try await deployment.query(address, success) == [success: 1])
        }
    }

    @Test func `alerts keep their clocks, and those of removed rules end with a word`()
        async throws
    {
        let deployment = try deploy()
        page.set(9)
        try await deployment.run { address in
            let all = ["DeepA": "pending", "DeepB": "pending", "DeepNow": "firing"]
            #expect(try await eventually { try await deployment.alerts(address) == all })
            #expect(try await eventually { told("firing", "DeepNow") })
            let clockA = try await deployment.activeAt(address, "DeepA")
            let clockB = try await deployment.activeAt(address, "DeepB")
            // Group a is as it was; in b one rule is gone, one is new, and one is changed.
            try deployment.write(
                "b.rules.yml",
                group(
                    "b",
                    alert("Shallow", "queue_depth < 5", lasting: "0s"),
                    alert("DeepB", "queue_depth > 4", lasting: "2h")
                )
            )
            #expect(try await deployment.reload(address).status == 200)
            let left = ["DeepA": "pending", "DeepB": "pending"]
            #expect(try await eventually { try await deployment.alerts(address) == left })
            #expect(try await eventually { told("resolved", "DeepNow") })
            #expect(try await deployment.activeAt(address, "DeepA") == clockA)
            #expect(try await deployment.activeAt(address, "DeepB") == clockB)
            // A whole group that is gone leaves nothing either.
            try deployment.write(
                "nightjar.yml",
                try configuration(redis: ["first"], rules: ["a.rules.yml"])
            )
            #expect(try await deployment.reload(address).status == 200)
            #expect(try await deployment.alerts(address) == ["DeepA": "pending"])
            let names = try await deployment.query(address, "ALERTS", by: "alertname")
            #expect(names.keys.sorted() == ["DeepA"])
        }
    }

    @Test func `SIGHUP reloads the program, and SIGTERM ends it in the middle of that`()
        async throws
    {
        let deployment = try deploy()
        let nightjar = try await NightjarProcess(deployment)
        let success = "nightjar_config_last_reload_successful"
        // A connection that breaks while it is written to must not end the program.
        nightjar.send(signal: 13)
        try deployment.write("nightjar.yml", "web: {listen: 1}\n")
        nightjar.send(signal: 1)
        #expect(
            try await eventually {
                try await deployment.query(nightjar.address, success) == [success: 0]
            }
        )
        try deployment.write("nightjar.yml", try configuration(redis: ["third"]))
        nightjar.send(signal: 1)
        #expect(
            try await eventually {
                let servers = try await deployment.query(nightjar.address, "redis_up", by: "server")
                return servers.keys.sorted() == ["third"]
            }
        )
        #expect(
            try await eventually {
                try await deployment.query(nightjar.address, success) == [success: 1]
            }
        )
        try deployment.write("nightjar.yml", try configuration(redis: ["fourth"]))
        nightjar.send(signal: 1)
        nightjar.send(signal: 15)
        #expect(nightjar.wait() == 0)
        #expect(nightjar.log.contains("the configuration was not reloaded"))
    }
}
