// SPDX-License-Identifier: Apache-2.0
// Nightjar
import CivilTime
import EventIO
import Notify
import Rules
import Samples
import Secrets
import Settings
import SourceText
import Templates
import TestSupport
import Testing

@Suite struct SectionTests {
    private let folder = TemporaryDirectory()

    private func decode(_ text: String) -> Configuration {
        Configuration.decode(SourceFile(name: folder.file("nightjar.yml"), text: text))
    }

    private func write(_ name: String, _ text: String) throws {
        try EventIO.write(Array(text.utf8), toFile: folder.file(name))
    }

    private func faults(_ text: String) -> [String] {
        decode(text).diagnostics.map { fault in
            let place = fault.position.map { "\($0)" } ?? "-"
            return "\(place): \(fault.severity.rawValue): \(fault.message)"
        }
    }

    @Test func `what all rules share is decoded, and completed by other sections`() throws {
        let settings = try #require(
            decode(
                """
                global: {evaluation_interval: 20s, external_labels: {cluster: a}}
                rules:
                  resend_delay: 30s
                  resolved_retention: 5m
                  query_offset: 2s
                  on_source_failure: resolve
                """
            ).settings
        )
        let options = RuleOptions(
            evaluationInterval: .seconds(20),
            resendDelay: .seconds(30),
            resolvedRetention: .seconds(300),
            queryOffset: .seconds(2),
            holdsOnSourceFailure: false,
            externalLabels: ["cluster": "a"]
        )
        #expect(settings.rules == options)
        #expect(decode("global: {}").settings?.rules.holdsOnSourceFailure == true)
        #expect(faults("rules: {on_source_failure: ignore}").first?.contains("hold") == true)
    }

    @Test func `users and tokens of the web are decoded, and plain passwords refused`() throws {
        let hash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
        try write("tokens", "# one a line\nfirst\nsecond\n")
        let settings = try #require(
            decode("web: {basic_auth_users: {me: \(hash)}, bearer_tokens_file: tokens}").settings
        )
        #expect(settings.web.users == ["me": hash])
        #expect(settings.web.tokens.map { $0.reveal() } == ["first", "second"])
        #expect(settings.web.asksForCredentials)
        try write("empty", "# none\n")
        let wrong = faults(
            "web: {basic_auth_users: {me: secret}, bearer_tokens_file: empty, tls: {cert_file: no}}"
        )
        #expect(wrong.count == 4)
        #expect(wrong.contains { $0.contains("needs 'key_file'") })
        #expect(wrong.contains { $0.contains("must be a bcrypt hash") })
        #expect(wrong.contains { $0.contains("there is no token") })
        #expect(wrong.contains { $0.contains("No such file") })
    }

    @Test func `a certificate that is none is refused where it stands`() throws {
        try write("a.crt", "nothing")
        try write("a.key", "nothing")
        let wrong = faults("web: {tls: {cert_file: a.crt, key_file: a.key}}")
        #expect(wrong.count == 1)
        #expect(wrong.first?.hasPrefix("1:12: error: load TLS certificate") == true)
    }

    private func alerting(_ rest: String) -> String {
        """
        alerting:
          route:
            receiver: team
            routes: [{receiver: team, mute_time_intervals: [nights]}]
          receivers: [{name: team}]
          \(rest)
        """
    }

    @Test func `time intervals and template files are decoded`() throws {
        try write("a.tmpl", "{{ define \"one\" }}1{{ end }}")
        let configuration = decode(
            alerting(
                """
                templates: ["*.tmpl"]
                  time_intervals:
                    - name: nights
                      time_intervals:
                        - times: [{start_time: "00:00", end_time: "06:30"}]
                          weekdays: ["monday:friday", sunday]
                          days_of_month: ["1:5", "-3:-1"]
                          months: ["may:august", "12"]
                          years: ["2025:2027"]
                          location: Europe/Berlin
                """
            )
        )
        #expect(configuration.diagnostics.map(\.rendered) == [])
        let notify = try #require(configuration.settings).notify
        #expect(notify.templates.names.contains("one"))
        #expect(notify.route.routes.first?.muteTimeIntervals == ["nights"])
        let spec = try #require(notify.timeIntervals.first?.specs.first)
        #expect(spec.minutes == [0..<390])
        #expect(spec.weekdays == [1...5, 0...0])
        #expect(spec.daysOfMonth.map(\.first) == [1, -3])
        #expect(spec.daysOfMonth.map(\.last) == [5, -1])
        #expect(spec.months == [5...8, 12...12])
        #expect(spec.years == [2025...2027])
        #expect(spec.zone.name == "Europe/Berlin")
    }

    @Test(arguments: [
        ("times: [{start_time: \"22:00\", end_time: \"06:00\"}]", "split it at midnight"),
        ("times: [{start_time: \"9:00\", end_time: \"24:01\"}]", "no time of day"),
        ("weekdays: [\"friday:monday\"]", "forward"),
        ("weekdays: [someday]", "neither a value nor a range"),
        ("days_of_month: [\"0\"]", "from 1 to 31"),
        ("days_of_month: [\"-1:5\"]", "forward"),
        ("months: [\"13\"]", "within 1 to 12"),
        ("location: Nowhere/Else", "no time zone"),
        ("hours: [1]", "unknown key 'hours'"),
    ])
    func `mistakes in a time interval are told`(_ spec: String, _ words: String) {
        let found = faults(
            alerting("time_intervals: [{name: nights, time_intervals: [{\(spec)}]}]")
        )
        #expect(found.contains { $0.contains(words) })
    }

    @Test func `a time interval and a template that are not right are told`() throws {
        try write("bad.tmpl", "\n{{ define }}")
        let found = faults(alerting("templates: [bad.tmpl]"))
        #expect(found.contains { $0.contains("there is no time interval 'nights'") })
        #expect(found.contains { $0.hasPrefix("2:") && $0.contains("bad template") })
    }

    @Test func `receivers' templates are checked with the template files`() throws {
        try write("a.tmpl", "{{ define \"one\" }}{{ template \"two\" . }}{{ end }}")
        try write("b.tmpl", "{{ define \"two\" }}2{{ end }}\n{{ template \"three\" }}")
        let found = faults(
            """
            alerting:
              templates: ["*.tmpl"]
              route: {receiver: team}
              receivers:
                - name: team
                  slack_configs:
                    - api_url: https://hooks.example.com/1
                      title: '{{ template "one" . }}{{ template "on" . }}'
                      text: |
                        {{ template "slack.default.text" . }}
                        {{ .Status
                      fields: [{title: a, value: '{{ template "x" }}'}]
                  pagerduty_configs:
                    - {routing_key: k, details: {d: '{{ nosuch }}'}}

            """
        )
        #expect(
            found == [
                "2:1: error: there is no template 'three'",
                "8:41: error: there is no template 'on'",
                "11:13: error: bad template: unclosed action",
                "12:39: error: there is no template 'x'",
                "14:45: error: bad template: function \"nosuch\" not defined",
            ]
        )
    }

    @Test func `keys that mean something elsewhere are not called unknown`() {
        let found = faults(
            """
            pgbouncer: [{name: edge}]
            scrape_configs: [{job_name: a, file_sd_configs: []}]
            alerting:
              alertmanagers: []
              global: {smtp_from: a@b.c}
              route: {receiver: x}
              receivers: [{name: x, email_configs: [{to: a@b.c}]}]
            """
        )
        let expected = [
            "1:1: error: 'pgbouncer' in the configuration is not supported yet",
            "2:32: error: 'file_sd_configs' in scrape job 'a' is not supported yet",
            "4:3: error: 'alertmanagers' in 'alerting' of the configuration is not supported yet",
            "5:12: warning: 'smtp_from' has no effect: receivers of this kind are not supported yet",
            "7:25: error: 'email_configs' in receiver 'x' is not supported yet",
        ]
        #expect(found.sorted() == expected)
    }
}
