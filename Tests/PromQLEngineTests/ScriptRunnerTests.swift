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
        ("eval instant at 1m gauge{job=\"a\"}\n  gauge{job=\"a\"} 2.1", "expected 2.1 for"),
        ("eval instant at 1m gauge{job=\"a\"}\n  gauge{job=\"x\"} 2", "which lacks"),
        ("eval instant at 1m gauge\n  gauge{job=\"a\"} 2", "unexpected series"),
        ("eval instant at 1m gauge", "unexpected series"),
        ("eval instant at 1m nothing\n  nothing 1", "which lacks"),
        ("eval instant at 1m 1\n  {} 1", "got a scalar"),
        ("eval instant at 1m \"x\"\n  expect string `y`", "expected \"y\""),
        (
            "eval instant at 1m sort(gauge)\n  expect ordered\n  gauge{job=\"b\"} 8\n"
                + "  gauge{job=\"a\"} 2", "or another order"
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
            "got 2\n    what came:\n    gauge{job=\"a\"} 1 2 2"
        ),
        ("eval range from 0 to 2m step 1m gauge{job=\"a\"}\n  gauge{job=\"a\"} 1 2", "unexpected"),
        (
            "eval range from 0 to 2m step 1m gauge{job=\"a\"}\n  gauge{job=\"a\"} 1 2 2 2",
            "got nothing"
        ),
        ("evaluate instant at 1m 1", "unknown command"),
        ("load 1m\n  late 1\n\nload 1m\n  late 1\n", "out of order"),
        ("load 1m\n  born_total@st -1m 2z\n", "bad start time \"2z\""),
        ("load 1m\n  born_total 1 2y\n", "bad value in a series: \"2y\""),
    ])
    func `what comes out otherwise fails`(_ script: String, _ reason: String) async {
        let report = await run(script)
        #expect(report.passed == 0)
        #expect(report.failures.count == 1)
        let message = report.failures.first?.message ?? ""
        #expect(message.contains(reason), "\(message)")
        let isLoad = script.hasPrefix("load")
        #expect(report.failures.first?.line == 7 || isLoad)
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

    @Test func `what native histograms would have changed is skipped, the rest goes on`() async {
        let report = await ScriptRunner()
            .run(
                """
                load_with_nhcb 1m
                  mixed 1 {{schema:0 sum:1 count:1}}
                  plain 1 2
                  size_bucket{le="1"} 1 2
                  size_bucket{le="+Inf"} 1 2

                eval instant at 1m mixed
                  mixed {{schema:0 sum:1 count:1}}

                eval instant at 1m count({__name__=~"mixed|plain"}) by (x) + 1
                  {} 4

                eval instant at 1m histogram_quantile(1, size)
                  {} 1

                eval instant at 1m plain
                  plain 3

                eval instant at 0 mixed + plain
                  {} 2
                """
            )
        #expect(report.passed == 1)
        #expect(report.skipped.map(\.line) == [7, 10, 13])
        #expect(report.failures.map(\.line) == [16])
    }

    @Test func `lines may end as on Windows`() async {
        let report = await run("eval instant at 1m 1 + 1\r\n  2\r\n\r\neval instant at 0 2\r\n  2")
        #expect(report.failures.map(\.message) == [])
        #expect(report.passed == 2)
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
