// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import PromQLEngine
internal import Samples
internal import SourceText
internal import Storage
internal import Testing
internal import WebAPI

/// `/api/v1/rules`, as Prometheus answers it.
struct RulesEndpointTests {
    @Test func `rules carry their state and alerts`() async throws {
        let answer = try await WebAPIFixture().answer("/api/v1/rules?type=alert")
        #expect(
            answer.text == #"{"status":"success","data":{"groups":[{"name":"pools","#
                + #""file":"rules/pools.rules.yml","rules":[{"state":"firing","name":"PoolExhausted","#
                + #""query":"pool:use > 0.9","duration":120,"keepFiringFor":0,"#
                + #""labels":{"severity":"critical"},"annotations":{},"alerts":[{"labels":"#
                + #"{"alertname":"PoolExhausted","service":"auth"},"annotations":"#
                + #"{"summary":"Pool of <auth> is full"},"state":"firing","#
                + #""activeAt":"2023-11-14T22:11:10Z","value":"9.375e-01"}],"health":"ok","#
                + #""evaluationTime":0,"lastEvaluation":"2023-11-14T22:13:20Z","type":"alerting"}],"#
                + #""interval":15,"limit":0,"evaluationTime":0.002,"#
                + #""lastEvaluation":"2023-11-14T22:13:20Z"}]}}"#
        )
    }

    @Test(arguments: [
        ("rule_name[]=pool:use", ["pool:use"]), ("type=RECORD", ["pool:use"]),
        ("match[]=%7Bseverity=%22critical%22%7D", ["PoolExhausted"]),
        ("match[]=%7Bseverity=%22x%22%7D", []),
        ("rule_group[]=pools&rule_group[]=x", ["pool:use", "PoolExhausted"]),
        ("rule_group[]=x", []), ("file[]=rules/pools.rules.yml&type=alert", ["PoolExhausted"]),
    ])
    func `rules are chosen by name, group, file, type and labels`(
        _ parameters: String,
        _ names: [String]
    ) async throws {
        let text = try await WebAPIFixture().answer("/api/v1/rules?" + parameters).text
        let found = ["pool:use", "PoolExhausted"].filter { text.contains(#""name":"\#($0)""#) }
        #expect(found == names)
        #expect(text.contains(#""groups":[]"#) == names.isEmpty)
    }

    @Test func `groups of rules come page by page`() async throws {
        var fixture = try await WebAPIFixture()
        let rule = RuleReport(name: "r", query: "1")
        fixture.context.rules = {
            (1...3).map {
                RuleGroupReport(name: "g\($0)", file: "f", interval: .seconds(1), rules: [rule])
            }
        }
        var token: Substring?
        var pages: [String] = []
        repeat {
            let rest = token.map { "&group_next_token=\($0)" } ?? ""
            let text = try await fixture.answer("/api/v1/rules?group_limit=2" + rest).text
            pages.append(text)
            token = text.split(separator: #""groupNextToken":""#).dropFirst().first?
                .prefix { $0 != "\"" }
        } while token != nil && pages.count < 9
        #expect(pages.map { $0.split(separator: #""name":"g"#).count - 1 } == [2, 1])
    }

    @Test func `alerts are left out where that is asked for`() async throws {
        let text = try await WebAPIFixture().answer("/api/v1/rules?exclude_alerts=true").text
        #expect(text.contains(#""alerts":null,"health":"ok""#))
    }
}
