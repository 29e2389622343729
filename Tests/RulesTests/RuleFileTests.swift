// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Rules
import SourceText
import Testing

struct RuleFileTests {
    @Test func `all mistakes of a file are told in one run, each at its place`() {
        let text = """
            groups:
              - name: one
                intervall: 15s
                rules:
                  - alert: A
                    expr: |
                      sum(
                        rate(x)
                      )
                    annotations:
                      summary: "so {{ $nope }}"
                  - record: a b
                    expr: 1
                    for: 1m
              - name: one
            """
        let (file, diagnostics) = RuleFile.parse(SourceFile(name: "r.yml", text: text))
        #expect(file == nil)
        let places = diagnostics.map { "\($0.position.map { "\($0)" } ?? "-")" }
        #expect(places == ["3:5", "8:18", "11:27", "12:9", "14:9", "15:5"])
        #expect(diagnostics[1].message.hasPrefix("could not parse expression: parse error: "))
        #expect(diagnostics[2].message.contains("undefined variable \"$nope\""))
    }

    @Test func `a good file gives its groups`() {
        let text = """
            groups:
              - name: g
                interval: 30s
                limit: 5
                labels: {team: a, tier: b}
                rules:
                  - alert: A
                    expr: up == 0
                    for: 5m
                    keep_firing_for: 1m
                    labels: {team: own}
            """
        let (file, diagnostics) = RuleFile.parse(SourceFile(name: "r.yml", text: text))
        #expect(diagnostics == [])
        let group = file?.groups.first
        #expect(group?.interval == .seconds(30))
        #expect(group?.limit == 5)
        #expect(group?.rules.first?.pendingFor == .seconds(300))
        #expect(group?.rules.first?.labels.map(\.text) == ["own", "b"])
    }

    @Test func `an empty file has no groups and no faults`() {
        let (file, diagnostics) = RuleFile.parse(SourceFile(name: "r.yml", text: ""))
        #expect(file?.groups.isEmpty == true)
        #expect(diagnostics == [])
    }
}
