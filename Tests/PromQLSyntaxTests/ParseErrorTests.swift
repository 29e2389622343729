// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLSyntax
import Samples
import Testing

/// Rows are `line:column`, the message, and the text; places and words are Prometheus' own.
@Suite struct ParseErrorTests {
    static let syntax = [
        ("", "1:1", "no expression found in input"),
        ("# just a comment", "1:1", "no expression found in input"),
        ("1+", "1:3", "unexpected end of input"),
        (".", "1:1", "unexpected character: '.'"),
        ("0deadbeef", "1:1", #"bad number or duration syntax: "0de""#),
        ("*1", "1:1", "unexpected <op:*>"),
        ("(1))", "1:5", "unexpected right parenthesis ')'"),
        ("((1)", "1:5", "unclosed left parenthesis"),
        ("foo[5m", "1:7", "unexpected end of input in duration expression"),
        ("1 !~ 1", "1:3", "unexpected character after '!': '~'"),
        ("1 =~ 1", "1:3", "unexpected character after '=': '~'"),
        ("foo = 1", "1:5", #"unexpected "=""#),
        ("foo bar", "1:5", #"unexpected identifier "bar""#),
        ("foo \"bar\"", "1:5", #"unexpected string "\"bar\"""#),
        ("foo 5", "1:5", #"unexpected number "5""#),
        ("sum (a)\nby (b) by (c)", "2:8", "unexpected <by>"),
        ("a - on(b) ignoring(c) d", "1:11", "unexpected <ignoring>"),
        ("foo + group_left(baz) bar", "1:7", "unexpected <group_left>"),
        ("$x", "1:1", "unexpected character: '$'"),
        ("café", "1:4", "unexpected character: 'é'"),
        (#"{a="é"} +é"#, "1:11", "unexpected character: 'é'"),
        ("a[[", "1:3", "unexpected character in duration expression: '['"),
        ("a]", "1:2", "unexpected right bracket ']'"),
        ("f(5)", "1:1", #"unknown function with name "f""#),
        ("abs(foo,)", "1:8", "trailing commas not allowed in function call args"),
        ("round(foo, =)", "1:10", "trailing commas not allowed in function call args"),
        ("f(a, \u{1})", "1:6", #"unexpected character: '\x01'"#),
        ("f(a b)", "1:5", #"unexpected identifier "b""#),
        ("foo start", "1:5", #"unexpected "start""#),
        ("foo step", "1:5", #"unexpected "step""#),
        (
            "a * on(b) group_left <c", "1:22",
            #"unexpected <op:<> in grouping opts, expected "(""#
        ),
        ("sum by (inf) (a)", "1:9", #"unexpected number "inf" in grouping opts, expected label"#),
    ]

    static let contexts = [
        ("sum(a b)", "1:7", #"unexpected identifier "b" in aggregation"#),
        ("sum(abs(a +))", "1:12", #"unexpected ")" in aggregation"#),
        ("topk(, a)", "1:6", #"unexpected "," in aggregation"#),
        ("sum(a) b", "1:8", #"unexpected identifier "b""#),
        ("sum(a) ~", "1:8", "unexpected character: '~'"),
        (
            "sum(a[5m *])", "1:11",
            #"unexpected "]" in subquery or range selector, "#
                + "expected number, duration, step(), or range()"
        ),
        (
            "sum(a offset (5m *))", "1:19",
            #"unexpected ")" in offset, expected number, duration, step(), or range()"#
        ),
        ("a[5m 5m]", "1:6", #"unexpected duration "5m" in subquery or range, expected ":" or "]""#),
        (
            "a[5m:)", "1:7",
            "unexpected right parenthesis ')'"
        ),
        (
            "(a[5m:)", "1:7",
            #"unexpected ")" in subquery selector, "#
                + #"expected number, duration, step(), range(), or "]""#
        ),
        ("a[5m:5m 5m]", "1:9", #"unexpected duration "5m" in subquery selector, expected "]""#),
    ]

    static let numbers = [
        ("0x", "1:1", #"error parsing number: strconv.ParseFloat: parsing "0x": invalid syntax"#),
        (
            "1e999", "1:1",
            #"error parsing number: strconv.ParseFloat: parsing "1e999": value out of range"#
        ),
        (
            "0x8000000000000000", "1:1",
            #"error parsing number: strconv.ParseFloat: parsing "0x8000000000000000": invalid syntax"#
        ),
        ("1e", "1:1", #"bad number or duration syntax: "1e""#),
        ("1.2.3", "1:1", #"bad number or duration syntax: "1.2.""#),
    ]

    static let braces = [
        ("{", "1:2", "unexpected end of input inside braces"),
        ("some}", "1:5", "unexpected character: '}'"),
        ("a{b=c}", "1:5", #"unexpected identifier "c" in label matching, expected string"#),
        ("a{b:c=\"d\"}", "1:4", "unexpected character inside braces: ':'"),
        ("a{{}", "1:3", "unexpected left brace '{'"),
        ("a{b!c}", "1:4", "unexpected character after '!' inside braces: 'c'"),
        (
            "a{b}", "1:4",
            #"unexpected "}" in label matching, expected label matching operator"#
        ),
        ("a{,}", "1:3", #"unexpected "," in label matching, expected identifier or "}""#),
        (
            #"a{b="c" d}"#, "1:9",
            #"unexpected identifier "d" in label matching, expected "," or "}""#
        ),
        ("{}", "1:1", "vector selector must contain at least one non-empty matcher"),
        (#"{x=~".*"}"#, "1:1", "vector selector must contain at least one non-empty matcher"),
        (
            #"1 + foo{__name__="bar"}"#, "1:5",
            #"metric name must not be set twice: "foo" or "bar""#
        ),
        (#"{"a", "b"}"#, "1:1", #"metric name must not be set twice: "a" or "b""#),
        (#"a{b=~"("}"#, "1:3", "error parsing regexp: missing closing ): `(`"),
    ]

    static let texts = [
        (#""abc"#, "1:1", "unterminated quoted string"),
        ("`abc", "1:1", "unterminated raw string"),
        (#""\q""#, "1:1", "unknown escape sequence U+0071 'q'"),
        (#""\xg1""#, "1:1", "illegal character U+0067 'g' in escape sequence"),
        (#""\400""#, "1:1", "escape sequence is an invalid Unicode code point"),
        (#""\ud800""#, "1:1", "escape sequence is an invalid Unicode code point"),
    ]

    static let modifiers = [
        (
            "1 offset 1d", "1:1",
            "offset modifier must be preceded by an instant vector selector or range vector "
                + "selector or a subquery"
        ),
        ("foo offset 1s offset 2s", "1:1", "offset may not be set multiple times"),
        (
            "foo offset", "1:11",
            "unexpected end of input in offset, expected number, duration, step(), or range()"
        ),
        ("foo offset 1m[5m]", "1:14", "no offset modifiers allowed before range"),
        ("foo @ 5 [5m]", "1:9", "no @ modifiers allowed before range"),
        ("foo @ bar", "1:7", #"unexpected identifier "bar" in @, expected timestamp"#),
        ("foo @ 5 @ 6", "1:1", "@ <timestamp> may not be set multiple times"),
        ("foo @ Inf", "1:1", "timestamp out of bounds for @ modifier: +Inf"),
        ("(foo + bar)[5m]", "1:12", "ranges only allowed for vector selectors"),
        ("foo[5m1h]", "1:5", #"not a valid duration string: "5m1h""#),
        ("foo[99999y]", "1:5", "duration out of range"),
        ("foo[0m]", "1:5", "duration must be greater than 0"),
        ("foo[x]", "1:5", "unexpected character in duration expression: 'x'"),
        (#"foo["5m"]"#, "1:5", #"unexpected character in duration expression: '"'"#),
        ("foo[:5m]", "1:6", "unexpected colon before duration in duration expression"),
        ("foo[5m::1m]", "1:9", "unexpected repeated colon in duration expression"),
        (
            "foo[]", "1:5",
            #"unexpected "]" in subquery or range selector, "#
                + "expected number, duration, step(), or range()"
        ),
        ("foo[1m - 60s]", "1:5", "duration must be greater than 0"),
        ("foo[1m / 0]", "1:8", "division by zero"),
        ("foo offset (5 % 0)", "1:15", "modulo by zero"),
        (
            "foo[5m 5]", "1:8",
            #"unexpected number "5" in subquery or range, expected ":" or "]""#
        ),
        ("foo[5m:5m 5]", "1:11", #"unexpected number "5" in subquery selector, expected "]""#),
        ("foo anchored", "1:1", "anchored modifier can only be used with range vectors"),
        (
            "rate(a[5m] anchored smoothed)", "1:6",
            "anchored and smoothed modifiers cannot be used together"
        ),
        (
            "rate(a[5m:] smoothed)", "1:6",
            "smoothed modifier is not supported for subqueries"
        ),
        (
            "resets(foo[3m] smoothed)", "1:1",
            "smoothed modifier can only be used with: delta, increase, rate - not with resets"
        ),
    ]

    static let types = [
        ("1 == 1", "1:3", "comparisons between scalars must use BOOL modifier"),
        ("foo + bool bar", "1:5", "bool modifier can only be used on comparison operators"),
        (
            "1 and foo", "1:1",
            #"set operator "and" not allowed in binary scalar expression"#
        ),
        ("foo == on(bar) 10", "1:1", "vector matching only allowed between instant vectors"),
        (
            "a and on(b) group_left(c) d", "1:1",
            #"no grouping allowed for "and" operation"#
        ),
        ("a or fill(0) b", "1:1", "filling in missing series not allowed for set operators"),
        (
            "a + on(x) group_left(y, x) b", "1:3",
            #"label "x" must not occur in ON and GROUP clause at once"#
        ),
        (
            "a[5m] + 1", "1:1",
            "binary expression must contain only scalar and instant vector types"
        ),
        (
            #"-"a""#, "1:1",
            "unary expression only allowed on expressions of type scalar or instant vector, "
                + #"got "string""#
        ),
        (
            "rate(foo)", "1:6",
            #"expected type range vector in call to function "rate", got instant vector"#
        ),
        ("floor()", "1:1", #"expected 1 argument(s) in call to "floor", got 0"#),
        ("hour(a, b)", "1:1", #"expected at most 1 argument(s) in call to "hour", got 2"#),
        (
            "label_join(a, \"b\")", "1:1",
            #"expected at least 3 argument(s) in call to "label_join", got 2"#
        ),
        ("sum(1)", "1:5", "expected type instant vector in aggregation expression, got scalar"),
        ("topk(a, b)", "1:6", "expected type scalar in aggregation parameter, got instant vector"),
        (
            "topk(a)", "1:1",
            "wrong number of arguments for aggregate expression provided, expected 2, got 1"
        ),
        ("sum()", "1:1", "no arguments for aggregate expression provided"),
        ("1[30m:1s]", "1:1", "subquery is only allowed on instant vector, got scalar instead"),
        ("info(a, b)", "1:9", "expected label selectors only, got vector selector instead"),
    ]

    @Test(arguments: [syntax, contexts, numbers, braces, texts, modifiers, types].flatMap { $0 })
    func `a fault is told with its place`(text: String, place: String, message: String) {
        let error = #expect(throws: ParseError.self) { try parseExpression(text) }
        #expect(error?.description == "\(place): parse error: \(message)")
    }

    @Test func `experimental words are refused where they are not allowed`() {
        var options = ParseOptions.standard
        options.allowsExperimental = false
        for text in [
            "limitk(1, a)", "info(a)", "max_of(1, 2)", "a + fill(0) b", "rate(a[5m] anchored)",
        ] {
            #expect(throws: ParseError.self) { try parseExpression(text, options: options) }
            #expect(throws: Never.self) { try parseExpression(text) }
        }
    }

    @Test func `deep nesting and endless chains are refused, not followed`() throws {
        let deep = String(repeating: "(", count: 100_000)
        #expect(throws: ParseError.self) { try parseExpression(deep + "1") }
        #expect(throws: ParseError.self) {
            try parseExpression("a" + String(repeating: "+a", count: 100_000))
        }
        #expect(throws: ParseError.self) {
            try parseExpression("foo[" + String(repeating: "-(", count: 100_000) + "1")
        }
        #expect(throws: ParseError.self) {
            try parseExpression("1" + String(repeating: "^1", count: 900))
        }
        let chain = try parseExpression("a" + String(repeating: "+a", count: 1_000))
        #expect(chain.selectors.count == 1_001)
    }

    @Test func `a selector alone takes no modifiers`() throws {
        let matchers = try parseMetricSelector(#"up{job=~"a|b"}"#)
        #expect(matchers.map(\.description) == [#"job=~"a|b""#, #"__name__="up""#])
        #expect(try parseMetricSelector("{}").isEmpty)
        for text in ["", "up offset 5m", "up[5m]", "1", "sum(up)", "up{"] {
            #expect(throws: ParseError.self) { try parseMetricSelector(text) }
        }
    }
}
