// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLSyntax
import Samples
import Testing

@Suite struct ParseTests {
    @Test(
        arguments: [
            ("1+2*3^2^2", "1 + (2 * (3 ^ (2 ^ 2)))"), ("a-b-c", "(a - b) - c"),
            ("a or b and c", "a or (b and c)"), ("a unless b == c", "a unless (b == c)"),
            ("a > b + c", "a > (b + c)"), ("-a^2", "-(a ^ 2)"), ("-a*b", "(-a) * b"),
            ("2^-a*3", "(2 ^ (-a)) * 3"), ("a % b atan2 c", "(a % b) atan2 c"),
        ]
    )
    func `operators bind as they should`(text: String, grouped: String) throws {
        #expect(shape(try parseExpression(text)) == shape(try parseExpression(grouped)))
    }

    /// The tree with parentheses around each operation, and none of the text's own.
    private func shape(_ expression: Expression) -> String {
        switch expression {
        case .parentheses(let node): shape(node.content)
        case .unary(let node): "(-\(shape(node.operand)))"
        case .binary(let node):
            "(\(shape(node.left)) \(node.operation.rawValue) \(shape(node.right)))"
        default: expression.description
        }
    }

    @Test func `a selector keeps its matchers, modifiers and place`() throws {
        let expression = try parseExpression(#" foo{a="1",b!~"x.*"} @ 1.5 offset -5m "#)
        guard case .vectorSelector(let selector) = expression else {
            Issue.record("no selector")
            return
        }
        #expect(selector.name == "foo")
        #expect(
            selector.matchers.map(\.description) == [#"a="1""#, #"b!~"x.*""#, #"__name__="foo""#]
        )
        #expect(selector.at == .timestamp(Timestamp(milliseconds: 1_500)))
        #expect(selector.offset.duration == .seconds(-300))
        #expect(selector.range == 1..<37)
    }

    @Test func `ranges and subqueries hold their lengths`() throws {
        let expression = try parseExpression("rate(foo[90s])[300:1m] offset 1h")
        guard case .subquery(let subquery) = expression,
            case .call(let call) = subquery.expression,
            case .matrixSelector(let matrix) = call.arguments.first
        else {
            Issue.record("no subquery")
            return
        }
        #expect(call.function == .rate && call.range == 0..<14)
        #expect(matrix.window.duration == .seconds(90) && matrix.range == 5..<13)
        #expect(subquery.window.duration == .seconds(300))
        #expect(subquery.step?.duration == .seconds(60))
        #expect(subquery.offset.duration == .seconds(3_600))
        #expect(expression.type == .rangeVector && expression.selectors.count == 1)
    }

    @Test(
        arguments: [
            ("foo offset 2 ^ 2", "foo offset 2s ^ 2"), ("foo offset -4", "foo offset -4s"),
            ("foo offset (2*2)", "foo offset (2 * 2)"), ("foo[300]", "foo[5m]"),
            ("foo offset step()^0", "foo offset step() ^ 0"),
            ("foo offset -min_of(STEP(), 1s)+8", "foo offset -min_of(step(), 1s) + 8"),
            ("foo[1h-step():2*5s]", "foo[1h - step():2 * 5s]"),
        ]
    )
    func `durations are calculated with`(text: String, printed: String) throws {
        #expect(try parseExpression(text).description == printed)
    }

    @Test func `durations that depend on the query are set for it`() throws {
        let expression = try parseExpression("rate(foo[step()*2] offset (range()/2))")
        let resolved = try expression.resolvingDurations(step: .seconds(15), range: .seconds(60))
        guard case .call(let call) = resolved, case .matrixSelector(let node) = call.arguments[0]
        else {
            Issue.record("no range")
            return
        }
        #expect(node.window.duration == .seconds(30))
        #expect(node.selector.offset.duration == .seconds(30))
        #expect(throws: DurationError.self) {
            try expression.resolvingDurations(step: .zero, range: .zero)
        }
    }

    @Test(
        arguments: [
            ("1e3", 1_000), ("0x1F", 31), ("0755", 493), ("08", 8), ("1_000.5", 1_000.5),
            (".5", 0.5),
            ("2.", 2), ("1h30m", 5_400), ("-Inf", -.infinity), ("+inF", .infinity),
            ("54s321ms", 54.321),
        ] as [(String, Double)]
    )
    func `numbers have Go's forms, and durations count seconds`(
        text: String,
        value: Double
    ) throws {
        guard case .number(let number) = try parseExpression(text) else {
            Issue.record("no number")
            return
        }
        #expect(number.value == value)
    }

    @Test(arguments: [#""a\n\x41\u00e9\101\"'""#, #"'a\n\x41\u00e9\101"\''"#])
    func `texts have Go's escapes`(text: String) throws {
        guard case .string(let string) = try parseExpression(text) else {
            Issue.record("no text")
            return
        }
        #expect(string.value == "a\nAéA\"'")
    }

    @Test func `words of the language name metrics and labels`() throws {
        for word in ["sum", "by", "and", "offset", "start", "fill", "group", "step", "anchored"] {
            #expect(try parseExpression("\(word) + \(word){\(word)=\"a\"}").selectors.count == 2)
            #expect(try parseExpression("sum by (\(word)) (\(word))").selectors.count == 1)
        }
    }

    @Test func `matching between vectors is kept whole`() throws {
        let text = "a / ignoring(x, y) group_right(z) fill_left(-1) fill_right(2) b"
        guard case .binary(let node) = try parseExpression(text) else {
            Issue.record("no operation")
            return
        }
        let matching = try #require(node.matching)
        #expect(matching.labels == ["x", "y"] && !matching.isOn)
        #expect(matching.cardinality == .oneToMany && matching.included == ["z"])
        #expect(matching.fillLeft == -1 && matching.fillRight == 2)
    }

    @Test func `all functions are there, and their words are unique`() {
        #expect(Function.allCases.count == 90)
        #expect(Function.allCases.count(where: \.isExperimental) == 17)
        #expect(Function(rawValue: "ts_of_max_over_time") == .tsOfMaxOverTime)
        #expect(AggregateOperator.allCases.count == 14)
    }

    @Test func `no prefix of an expression stops the parser`() {
        for text in samples {
            let scalars = Array(text.unicodeScalars)
            for count in 0...scalars.count {
                var prefix = ""
                prefix.unicodeScalars.append(contentsOf: scalars[..<count])
                do {
                    let expression = try parseExpression(prefix)
                    #expect(expression.range.upperBound <= prefix.utf8.count)
                } catch {
                    #expect(error.range.upperBound <= prefix.utf8.count + 1)
                    #expect(!error.message.isEmpty)
                }
            }
        }
    }

    @Test func `no sequence of words stops the parser`() {
        let words = [
            "foo", "(", ")", "[", "]", "{", "}", "5m", "1", ":", ",", "@", "=", "\"x\"", "sum",
            "by", "on", "-", "^", "and", "offset", "rate", "step", "fill", "bool", "anchored",
        ]
        var state: UInt64 = 7
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<8 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += words[Int(state >> 33) % words.count] + " "
            }
            guard let expression = try? parseExpression(text) else { continue }
            let again = try? parseExpression(expression.description)
            #expect(again?.description == expression.description, "\(text)")
        }
    }
}

/// Expressions that use every construct of the language.
let samples = [
    #"sum by (job, "a.b") (rate({"http.requests", code!="200", "x y"=~"a|b"}[5m] offset -1h)) > 5"#,
    "topk without (a) (3, foo{b='c'} @ end() offset 5m) or vector(1_000.5e-3)",
    "quantile_over_time(0.9, (a + on (x, y) group_left (z) fill (0) b)[1h30m:step()] @ 1.5)",
    "increase(foo[1h - min_of(step(), 5m) * 2] smoothed) # why\n / ignoring (a) group_right b",
    "label_replace(-foo ^ 2, `dst`, \"\\u00e9$1\", 'src', \"(.*)\") == bool +Inf",
    #"count_values("v", a and b unless c) % limit_ratio(-0.5, d) atan2 pi() </ 5"#,
]
