// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import TestSupport
import Testing

/// The pack's alerts on Nightjar itself, each brought about for real; only their `for` is shorter.
@Suite(.serialized) struct SelfAlertTests {
    private let witness = Witness()
    private let refusing = FakeReceiver { _, _ in .body(500, "not now") }

    private func deploy() throws -> Deployment {
        let bytes = try contents(ofFile: repositoryRoot + "/rules/nightjar.rules.yml")
        let rules = String(decoding: bytes, as: UTF8.self).split(
            separator: "\n",
            omittingEmptySubsequences: false
        ).map { $0.hasPrefix("        for: ") ? "        for: 500ms" : String($0) }
        return try Deployment(
            """
            global: {poll_interval: 250ms, poll_timeout: 250ms, evaluation_interval: 250ms}
            web: {listen: "127.0.0.1:0"}
            storage: {path: data}
            redis: [{name: gone, address: "redis://127.0.0.1:\(freePort())/0"}]
            rule_files: ["*.rules.yml"]
            alerting:
              route:
                receiver: first
                group_by: ["..."]
                group_wait: 100ms
                group_interval: 300ms
                routes: [{receiver: broken, matchers: [alertname="Watchdog"]}]
              receivers:
                - {name: first, webhook_configs: [{url: "\(witness.url)/first"}]}
                - {name: broken, webhook_configs: [{url: "\(refusing.url)/broken"}]}
            """,
            [
                "nightjar.rules.yml": rules.joined(separator: "\n"),
                // It works in no evaluation: two series become one.
                "wrong.rules.yml": """
                groups:
                  - name: wrong
                    rules:
                      - record: one
                        expr: label_replace({__name__=~"process_.*"}, "a", "b", "", "")
                """,
            ]
        )
    }

    private func isTold(_ alert: String, _ status: String = "firing") async throws -> Bool {
        try await eventually { witness.lastStatus(of: alert, at: "/first") == status }
    }

    @Test
    func `a dead source, a broken rule, receiver or configuration are told of, and a damaged file`()
        async throws
    {
        let deployment = try deploy()
        let first = try await NightjarProcess(deployment, number: 1)
        for alert in ["SourceDown", "RuleEvaluationFailing", "NotificationsFailing"] {
            #expect(try await isTold(alert), "\(alert)")
        }
        let right = try contents(ofFile: deployment.path)
        try deployment.write("nightjar.yml", "nothing: 1\n")
        first.send(signal: 1)
        #expect(try await isTold("ConfigReloadFailed"))
        try write(right, toFile: deployment.path)
        first.send(signal: 1)
        #expect(try await isTold("ConfigReloadFailed", "resolved"))
        first.send(signal: 15)
        #expect(first.wait() == 0)

        let noise = String(repeating: "This is no database. ", count: 4_000)
        try deployment.write("data/samples.db", noise)
        let second = try await NightjarProcess(deployment, number: 2)
        #expect(try await isTold("StorageSetAside"), "\(second.log)")
        second.send(signal: 15)
        #expect(second.wait() == 0)
    }
}
