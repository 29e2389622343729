// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Collectors
import EventIO
import HTTPFetch
import Notify
import RemoteWrite
import Samples
import Secrets
import Settings
import SourceText
import Storage
import TestSupport
import Testing

@Suite struct ConfigurationTests {
    private func decode(_ text: String) -> Configuration {
        Configuration.decode(SourceFile(name: "nightjar.yml", text: text))
    }

    @Test func `a whole configuration is decoded, defaults filled in`() throws {
        let configuration = decode(
            """
            global: {poll_interval: 5s, external_labels: {cluster: staging}}
            web: {listen: "[::1]:0", external_url: https://nightjar.example.com/}
            storage: {path: ":memory:", retention: 2d}
            circuit_breakers:
              - {name: gateway, url: "http://127.0.0.1:1/health", headers: {Host: api}, format: nova}
            scrape_configs:
              - job_name: app
                scrape_interval: 1m
                static_configs: [{targets: ["a:1", "b:2"], labels: {env: x}}]
            alerting:
              global: {slack_api_url: "https://hooks.example.com/x"}
              route:
                receiver: team
                group_by: [alertname]
                routes: [{receiver: on-call, matchers: ['severity="critical"'], group_wait: 0s}]
              receivers:
                - {name: team, slack_configs: [{channel: "#alerts"}]}
                - {name: on-call, pagerduty_configs: [{routing_key: abc}]}
            """
        )
        #expect(configuration.diagnostics.map(\.rendered) == [])
        let settings = try #require(configuration.settings)
        #expect(settings.global.pollTimeout == .seconds(5))
        #expect(settings.global.evaluationInterval == .seconds(60))
        #expect(settings.web.host == "::1")
        #expect(settings.web.externalURL == "https://nightjar.example.com")
        #expect(settings.storage.path == nil)
        #expect(settings.circuitBreakers.first?.format == .nova)
        #expect(settings.scrapes.first?.targets.map(\.address) == ["a:1", "b:2"])
        #expect(settings.scrapes.first?.schedule.interval == .seconds(60))
        #expect(settings.notify.route.groupBy == ["alertname"])
        let child = try #require(settings.notify.route.routes.first)
        #expect(child.matchers == [Matcher("severity", equals: "critical")])
        #expect(child.groupWait == .zero)
        #expect(settings.notify.receivers.map(\.name) == ["team", "on-call"])
        #expect(settings.notify.receivers.first?.slackConfigs.first?.apiURL != nil)
    }

    @Test func `every mistake is found in one run, with its place, line and caret`() {
        let configuration = decode(
            """
            global: {poll_intervall: 5s}
            web: {listen: nowhere}
            scrape_configs:
              - job_name: a
                scrape_interval: 5s
                scrape_timeout: 10s
              - job_name: a
            alerting:
              route: {receiver: missing}
              receivers: [{name: x, slack_configs: [{title: "{{ .Broken"}]}]
            """
        )
        #expect(configuration.settings == nil)
        let heads = configuration.diagnostics.map { fault in
            "\(fault.position.map(String.init(describing:)) ?? "-") \(fault.message)"
        }
        #expect(heads.contains { $0.hasPrefix("1:10 unknown key 'poll_intervall'") })
        #expect(heads.contains { $0.hasPrefix("2:15 'listen' must be HOST:PORT") })
        #expect(heads.contains { $0.hasPrefix("3:1 the name 'a' is used twice") })
        #expect(heads.contains { $0.hasPrefix("6:5 'scrape_timeout' must not be longer") })
        #expect(heads.contains { $0.hasPrefix("9:21 there is no receiver 'missing'") })
        #expect(heads.contains { $0.contains("needs 'api_url'") })
        #expect(heads.contains { $0.contains("bad template") })
        #expect(configuration.diagnostics.allSatisfy { $0.rendered.contains("^") })
    }

    @Test func `remote write is decoded in Prometheus' language`() throws {
        let configuration = decode(
            """
            global: {external_labels: {cluster: staging}}
            remote_write:
              - url: https://me:pw@mimir.example.com/api/v1/push
                headers: {X-Scope-OrgID: nova}
                authorization: {credentials: abc}
                remote_timeout: 7s
                queue_config: {capacity: 100, max_shards: 2, max_samples_per_send: 50,
                  batch_send_deadline: 1s, min_backoff: 1s, max_backoff: 2s, max_size: 1MB}
                metadata_config: {send: false}
                write_relabel_configs: [{source_labels: [__name__], regex: go_.*, action: drop}]
              - {name: second, url: "http://a/b"}
            """
        )
        #expect(configuration.diagnostics.map(\.rendered) == [])
        let remotes = try #require(configuration.settings).remoteWrite
        #expect(remotes.map(\.name).last == "second")
        let first = try #require(remotes.first)
        #expect(first.name == "https://me:***@mimir.example.com/api/v1/push")
        #expect(first.headers.map(\.name) == ["X-Scope-OrgID"])
        #expect(first.authorization == .bearer(Secret("abc")))
        #expect(first.timeout == .seconds(7))
        #expect(first.queue.maxSamplesPerSend == 50)
        #expect(first.queue.maxBackoff == .seconds(2))
        #expect(first.queue.maxBytes == 1 << 20)
        #expect(first.metadataInterval == nil)
        #expect(first.externalLabels == ["cluster": "staging"])
        let relabeling = try #require(first.relabeling)
        #expect(relabeling(["__name__": "go_gc"]) == nil)
        #expect(relabeling(["__name__": "up"]) == ["__name__": "up"])
        #expect(remotes.last?.metadataInterval == .seconds(60))
    }

    @Test(arguments: [
        ("url: ftp://a/b", "'url' must begin with http:// or https://"),
        ("url: http://a/b, headers: {Content-Type: x}", "set by the protocol"),
        ("url: http://a/b, send_exemplars: true", "'send_exemplars' is not supported"),
        ("url: http://a/b, bearer_token: a, basic_auth: {username: b}", "exclude each other"),
        ("url: http://a/b, queue_config: {max_shards: 0}", "'max_shards' must be above 0"),
        ("url: http://a/b, queue_config: {shards: 1}", "unknown key 'shards'"),
        ("url: http://a/b, protobuf_message: io.prometheus.write.v2.Request", "1.0"),
        ("name: x", "'url'"),
    ])
    func `mistakes in remote write are told`(_ entry: String, _ message: String) {
        let configuration = decode("remote_write: [{\(entry)}]")
        #expect(configuration.settings == nil)
        #expect(configuration.diagnostics.contains { $0.message.contains(message) })
    }

    @Test func `a missing file, an empty one and bad YAML are errors`() {
        let missing = Configuration.read(path: "/nonexistent/nightjar.yml")
        #expect(missing.settings == nil)
        #expect(missing.diagnostics.first?.rendered.contains("No such file") == true)
        #expect(decode("").diagnostics.hasErrors)
        #expect(decode("a: [1").diagnostics.hasErrors)
    }

    @Test func `the notifier's own file is read, its mistakes told under its name`() throws {
        let directory = TemporaryDirectory()
        let main = directory.file("nightjar.yml")
        try write(Array("alerting: {config_file: am.yml}\n".utf8), toFile: main)
        try write(
            Array("route: {receiver: y}\nreceivers: [{name: x}]\n".utf8),
            toFile: directory.file("am.yml")
        )
        let configuration = Configuration.read(path: main)
        #expect(configuration.diagnostics.map(\.file) == [directory.file("am.yml")])
        #expect(configuration.diagnostics.first?.position == SourcePosition(line: 1, column: 19))
    }

    @Test func `secrets come from files and the environment, and a missing one is told`() throws {
        let directory = TemporaryDirectory()
        let main = directory.file("nightjar.yml")
        try write(Array("hook\n".utf8), toFile: directory.file("url"))
        let text = """
            alerting:
              route: {receiver: x}
              receivers:
                - name: x
                  slack_configs: [{api_url_file: url}]
                  webhook_configs: [{url: "${file:absent}"}, {url: "${NIGHTJAR_NO_SUCH_VARIABLE}"}]
            """
        try write(Array(text.utf8), toFile: main)
        let configuration = Configuration.read(path: main)
        #expect(configuration.diagnostics.count == 2)
        #expect(configuration.diagnostics.allSatisfy { $0.position?.line == 6 })
    }

    @Test(arguments: [
        ("127.0.0.1:9630", "127.0.0.1", 9_630), (":0", "", 0), ("[::1]:1", "::1", 1),
    ])
    func `an address is split at its last colon`(text: String, host: String, port: Int) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: ["9630", "a:b", "a:65536", ""])
    func `what is no address is refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
