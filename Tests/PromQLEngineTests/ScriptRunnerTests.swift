// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLEngine
import Testing

/// A runner that accepts everything would prove nothing: each expectation must be able to fail.
@Suite struct ScriptRunnerTests {
    private func run(_ lines: String) async -> ScriptReport {
        let load = """
            load 1m
              requests_total{job="a"} 0+60x10
              requests_total{job="b"} 0+120x10
              gauge{job="a"} 1 2 _ 4 stale
              gauge{job="b"} 9 8 7 6 5

            """
        return await ScriptRunner().run(load + "\n" + lines)
    }

    @Test(arguments: [
        "eval instant at 5m sum(rate(requests_total[2m]))\n  {} 3",
        "eval instant at 1m topk(2, gauge)\n  expect ordered\n  gauge{job=\"b\"} 8\n"
            + "  gauge{job=\"a\"} 2",
        "eval instant at 1m 1 + 1\n  2",
        "eval instant at 1m \"x\"\n  expect string `x`",
        "eval range from 0 to 4m step 1m gauge{job=\"a\"}\n  gauge{job=\"a\"} 1 2 2 4 _",
        "eval instant at 2m gauge{job=\"a\"}[2m]\n  expect range vector from 1m to 2m step 1m\n"
            + "  gauge{job=\"a\"} 2 _",
        "eval instant at 1m nothing",
        "eval instant at 1m gauge + on() gauge\n  expect fail",
        "eval_fail instant at 1m gauge + on() gauge\n  expected_fail_regexp .*duplicate.*",
        "eval_warn instant at 1m quantile(2, gauge)\n  {} +Inf",
        "eval_ordered instant at 1m sort(gauge)\n  gauge{job=\"a\"} 2\n  gauge{job=\"b\"} 8",
        "eval instant at 1m quantile(2, gauge)\n  expect warn msg: PromQL warning: quantile value "
            + "should be between 0 and 1, got 2 (1:10)\n  {} +Inf",
    ])
    func `what comes out as expected passes`(_ script: String) async {
        let report = await run(script)
        #expect(report.failures.map(\.message) == [])
        #expect(report.passed == 1)
    }

    @Test(arguments: [
        ("eval instant at 1m gauge{job=\"a\"}\n  gauge{job=\"a\"} 2.1", "expected number(2.1)"),
        ("eval instant at 1m gauge{job=\"a\"}\n  gauge{job=\"x\"} 2", "which lacks"),
        ("eval instant at 1m gauge\n  gauge{job=\"a\"} 2", "unexpected series"),
        ("eval instant at 1m gauge", "unexpected series"),
        ("eval instant at 1m nothing\n  nothing 1", "which lacks"),
        ("eval instant at 1m 1\n  {} 1", "got scalar"),
        ("eval instant at 1m \"x\"\n  expect string `y`", "expected \"y\""),
        (
            "eval instant at 1m sort(gauge)\n  expect ordered\n  gauge{job=\"b\"} 8\n"
                + "  gauge{job=\"a\"} 2", "expected another order"
        ),
        (
            "eval instant at 1m gauge{job=\"a\"}\n  expect warn\n  gauge{job=\"a\"} 2",
            "did not come"
        ),
        (
            "eval instant at 1m quantile(2, gauge)\n  expect no_warn\n  {} +Inf",
            "unexpected warning"
        ),
        (
            "eval instant at 1m quantile(2, gauge)\n  expect warn msg: other\n  {} +Inf",
            "unexpected warning"
        ),
        ("eval instant at 1m 1\n  expect fail\n  1", "expected an error"),
        (
            "eval instant at 1m gauge + on() gauge\n  expect fail msg: other",
            "expected another error"
        ),
        ("eval instant at 1m gauge +\n  {} 1", "failed:"),
        (
            "eval range from 0 to 2m step 1m gauge{job=\"a\"}\n  gauge{job=\"a\"} 1 2 _",
            "got 2.0"
        ),
        ("eval range from 0 to 2m step 1m gauge{job=\"a\"}\n  gauge{job=\"a\"} 1 2", "unexpected"),
        (
            "eval range from 0 to 2m step 1m gauge{job=\"a\"}\n  gauge{job=\"a\"} 1 2 2 2",
            "got nothing"
        ),
        ("evaluate instant at 1m 1", "unknown command"),
        ("load 1m\n  late 1\n\nload 1m\n  late 1\n", "out of order"),
        ("eval instant at 1m gauge\n  gauge{job=\"a\"} {{sum:1}}", "native histograms"),
    ])
    func `what comes out otherwise fails`(_ script: String, _ reason: String) async {
        let report = await run(script)
        #expect(report.passed == 0)
        #expect(report.failures.count == 1)
        let message = report.failures.first?.message ?? ""
        #expect(message.contains(reason), "\(message)")
        #expect(report.failures.first?.line == 7 || reason == "out of order")
    }

    @Test func `histograms are left out and counted, start times are taken`() async {
        let report = await ScriptRunner()
            .run(
                """
                load 1m
                  mixed 1 {{schema:0 sum:1 count:1}} 3 {{sum:1}}x2
                  born_total@st _ -30s _ -30s-1mx2
                  born_total _ 5 _ 6+1x2

                eval instant at 2m mixed
                  mixed 3
                """
            )
        #expect(report.failures.map(\.message) == [])
        #expect(report.passed == 1)
        #expect(report.refusedHistograms == 4)
    }

    @Test func `clear forgets, and comments end nothing twice`() async {
        let report = await run(
            """
            # A comment.
            eval instant at 0 count(gauge)
              {} 2

            clear
            eval instant at 0 gauge
            # eval instant at 0 1
            #   2
            """
        )
        #expect(report.failures.map(\.message) == [])
        #expect(report.passed == 2)
    }
}
