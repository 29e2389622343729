// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Rules
import SourceText
import TestSupport
import Testing

@testable import Daemon

@Suite struct DemoRulesTests {
    @Test func `waits and ranges pass sixty times faster, and nothing else changes`() {
        let text = """
                  expr: rate(x{a=~"[1m]+"}[5m]) > 0 and y[1d] offset 5m
                  for: 10m
                  keep_firing_for: 90s
                  annotations: {summary: "in 5m for: 10m"}
            """
        let quick = """
                  expr: rate(x{a=~"[5000ms]+"}[5000ms]) > 0 and y[1440000ms] offset 5m
                  for: 10000ms
                  keep_firing_for: 1500ms
                  annotations: {summary: "in 5m for: 10m"}
            """
        #expect(DemoRules.quickened(text) == quick)
    }

    @Test func `the packs are right in time lapse, too`() throws {
        let files = filesEnding(in: ".rules.yml", below: repositoryRoot + "/rules")
        #expect(!files.isEmpty)
        for path in files {
            let text = String(decoding: bytesOfFile(path), as: UTF8.self)
            let (before, _) = RuleFile.parse(SourceFile(name: path, text: text))
            let quick = SourceFile(name: path, text: DemoRules.quickened(text))
            let (after, faults) = RuleFile.parse(quick)
            #expect(faults.map(\.rendered) == [])
            let rules = try zip(
                #require(before).groups.flatMap(\.rules),
                #require(after).groups.flatMap(\.rules)
            )
            for (slow, fast) in rules { #expect(fast.pendingFor == slow.pendingFor / 60) }
        }
    }
}
