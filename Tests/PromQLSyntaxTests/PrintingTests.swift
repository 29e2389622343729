// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLSyntax
import Testing

@Suite struct PrintingTests {
    @Test(
        arguments: [
            ("sum(a)by(x,y,)", "sum by (x, y) (a)"), ("sum by () (a)", "sum(a)"),
            ("sum without () (a)", "sum without () (a)"), ("topk(5,a)", "topk(5, a)"),
            (#"a{z="1", b!='2'}"#, #"a{b!="2",z="1"}"#), ("a{}", "a"),
            (#"{__name__="a"}"#, #"{__name__="a"}"#), (#"{"a"}"#, "a"),
            (#"{"a b", c="d"}"#, #"{"a b",c="d"}"#), (#"a{"b c"="d"}"#, #"a{"b c"="d"}"#),
            ("a @ start() offset 90m", "a @ start() offset 1h30m"), ("a[7d]", "a[1w]"),
            ("a offset 5m @ -1.5", "a @ -1.500 offset 5m"), ("a[90d:1d]", "a[90d:1d]"),
            ("a==bool on()group_left()b", "a == bool on () group_left () b"),
            ("a and ignoring(x)b", "a and ignoring (x) b"), ("a+ignoring()b", "a + b"),
            ("- -a", "--a"), ("(1)", "(1)"), ("1e10", "10000000000"), ("1.5e-7", "0.00000015"),
            ("'\\'\"\t'", #""'\"\t""#), ("5m * 2", "5m * 2"), ("NaN", "NaN"), ("-5m", "-5m"),
            ("rate(a[5m]anchored)", "rate(a[5m] anchored)"),
            ("abs(max_of(1,2)*a)", "abs(max_of(1, 2) * a)"),
        ]
    )
    func `an expression is printed in Prometheus' form`(text: String, printed: String) throws {
        let expression = try parseExpression(text)
        #expect(expression.description == printed)
        #expect(try parseExpression(printed).description == printed)
    }

    @Test func `what is printed parses to the same`() throws {
        for text in samples {
            let expression = try parseExpression(text)
            #expect(try parseExpression(expression.description).description == "\(expression)")
            #expect(try parseExpression(expression.prettyPrinted).description == "\(expression)")
        }
    }

    @Test func `a long expression is broken where its parts are`() throws {
        let text = """
            histogram_quantile(0.99, sum by (le, namespace, service) \
            (rate(http_request_duration_seconds_bucket{job="a"}[5m]))) > on (namespace) limit
            """
        let pretty = """
              histogram_quantile(
                0.99,
                sum by (le, namespace, service) (rate(http_request_duration_seconds_bucket{job="a"}[5m]))
              )
            > on (namespace)
              limit
            """
        #expect(try parseExpression(text).prettyPrinted == pretty)
        #expect(try parseExpression("a+b").prettyPrinted == "a + b")
    }
}

@Suite struct DurationTextTests {
    @Test(
        arguments: [
            ("1h30m", 5_400_000), ("54s321ms", 54_321), ("1y2w3d", 33_004_800_000), ("0", 0),
            ("0s", 0), ("12ms", 12),
        ]
    )
    func `a duration is read`(text: String, milliseconds: Int) {
        #expect(parseDuration(text) == .milliseconds(milliseconds))
    }

    @Test(
        arguments: [
            "", "1", "s", "1.5h", "1m1h", "1s1s", "-5m", "5 m", "1hs", "300y",
            "99999999999999999999s", "٣m",
        ]
    )
    func `what is no duration is refused`(text: String) {
        #expect(parseDuration(text) == nil)
    }

    @Test(
        arguments: [
            (0, "0s"), (1_500, "1s500ms"), (5_400_000, "1h30m"), (604_800_000, "1w"),
            (691_200_000, "8d"), (31_536_000_000, "1y"), (-60_000, "-1m"), (90_061_000, "1d1h1m1s"),
        ]
    )
    func `a duration is written`(milliseconds: Int, text: String) {
        #expect(formatDuration(.milliseconds(milliseconds)) == text)
    }

    @Test func `plain names need no quotes`() {
        #expect(isPlainMetricName("a:b_1") && !isPlainMetricName("1a") && !isPlainMetricName(""))
        #expect(isPlainLabelName("_a1") && !isPlainLabelName("a:b") && !isPlainLabelName("é"))
    }
}
