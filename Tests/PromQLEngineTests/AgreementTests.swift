// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLEngine
import Testing

/// Rows that random questions to a real Prometheus have brought up.
@Suite struct AgreementTests {
    private static let samples = """
        load 1m
          g{job="a"} 1 2 3
          g{job="b"} 1 2 4
          n{kind="nan"} NaN NaN
          n{kind="one"} 1 1
          h{kind="one"} 2 2

        """

    @Test(arguments: [
        "clamp_min(n, Inf)\n  {kind=\"nan\"} Inf\n  {kind=\"one\"} Inf",
        "clamp_max(n, -Inf)\n  {kind=\"nan\"} -Inf\n  {kind=\"one\"} -Inf",
        "clamp_max(n, Inf)\n  {kind=\"nan\"} NaN\n  {kind=\"one\"} 1",
        "clamp(n, 0, -Inf)",
        "year(vector(NaN))\n  {} 292277026596",
        "day_of_year(vector(-Inf))\n  {} 339",
        "year(vector(-1))\n  {} 1969",
        "day_of_week(vector(-86401))\n  {} 2",
        "year(vector(1e15))\n  {} 31690708",
        "sinh(vector(-710))\n  {} -Inf",
        "cosh(vector(-710))\n  {} Inf",
        "sinh(vector(-709.5))\n  {} -6.774931596573164e+307",
        "{kind=\"one\"} <= h\n  expect fail msg: multiple matches for labels: many-to-one matching must"
            + " be explicit (group_left/group_right)",
        "{kind=\"one\"} >= h\n  h{kind=\"one\"} 2",
        "count_values without (job) (\"job\", g)\n  {} 2",
        "count_values by (job) (\"job\", g)\n  {job=\"2\"} 2",
        "count_values without (other) (\"job\", g)\n  {job=\"2\"} 2",
        "count_over_time((sum by (job) (g == 1) or sum by (job) (g == 2))[2m:1m])"
            + "\n  {job=\"a\"} 2\n  {job=\"b\"} 2",
        "histogram_sum(double_exponential_smoothing(g[2m], 0, 1))"
            + "\n  expect fail msg: invalid smoothing factor. Expected: 0 < sf < 1, got: 0.000000",
    ])
    func `an instant query gives what Prometheus gives`(_ lines: String) async {
        let report = await ScriptRunner().run(Self.samples + "\neval instant at 1m " + lines)
        #expect(report.failures.map(\.message) == [])
        #expect(report.passed == 1)
    }
}
