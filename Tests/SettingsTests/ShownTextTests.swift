// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Settings
import SourceText
import Testing

@Suite struct ShownTextTests {
    private func shown(_ text: String) -> String? {
        Configuration.decode(SourceFile(name: "nightjar.yml", text: text)).settings?.text
    }

    @Test func `what is shown of a configuration has no secrets`() throws {
        let text = try #require(
            shown(
                """
                global: {poll_interval: 5s, external_labels: {"a.b": 'x: "y"'}}  # a comment
                storage: {path: ":memory:"}
                postgres:
                  - {name: main, dsn: "postgresql://me:hunter2@db:5432/x?sslmode=require"}
                  - {name: other, dsn: "host=db password=hunter2 user=me", password: "${HOME}"}
                redis: [{name: cache, address: "redis://127.0.0.1:6379/0", password: hunter2}]
                alerting:
                  global: {slack_api_url: "https://hooks.example.com/hunter2"}
                  route: {receiver: team}
                  receivers:
                    - name: team
                      webhook_configs: [{url: "https://example.com/hunter2"}]
                      slack_configs: [{channel: "#alerts"}]
                """
            )
        )
        #expect(!text.contains("hunter2"))
        #expect(!text.contains("comment"))
        #expect(text.contains("dsn: \"postgresql://me:<secret>@db:5432/x?sslmode=require\""))
        #expect(text.contains("dsn: \"host=db password=<secret> user=me\""))
        #expect(text.contains("password: \"${HOME}\""))
        #expect(text.hasPrefix("global:\n  poll_interval: 5s\n  external_labels:\n    \"a.b\": "))
    }

    @Test func `what is shown is a configuration again`() throws {
        let text = try #require(
            shown(
                """
                defaults: &defaults {interval: 5s}
                """
            )
                ?? shown(
                    """
                    storage: {path: ":memory:"}
                    redis: [{name: "a: b", address: "redis://127.0.0.1:6379/0"}]
                    rule_files: []
                    scrape_configs:
                      - job_name: app
                        params: {x: ["1", "true"]}
                        static_configs: [{targets: ["a:1"], labels: {env: "null"}}]
                    """
                )
        )
        #expect(shown(text) == text)
    }
}
