// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Testing

@Suite struct MatcherTests {
    @Test func `a regular matcher is anchored at both ends`() throws {
        let matcher = try Matcher("job", .matches, "a.c|b")
        #expect(matcher.matches("abc"))
        #expect(matcher.matches("b"))
        #expect(!matcher.matches("xabc"))
        #expect(!matcher.matches("abcx"))
        #expect(try !Matcher("job", .matchesNot, "a.c").matches("abc"))
    }

    @Test func `a missing label counts as empty`() throws {
        let labels: LabelSet = ["job": "x"]
        #expect(Matcher("other", equals: "").matches(labels))
        #expect(try Matcher("other", .notEqual, "a").matches(labels))
        #expect(try Matcher("other", .matches, ".*").matches(labels))
        #expect(try !Matcher("other", .matches, ".+").matches(labels))
    }

    @Test func `a bad expression is refused with its reason`() {
        #expect(throws: RegularExpressionError.self) { try Matcher("a", .matches, "a(") }
    }

    @Test func `groups are told, those without a part as nil`() throws {
        let expression = try RegularExpression("(a)|(b)(c)?")
        #expect(expression.groups(in: "a") == ["a", "a", nil, nil])
        #expect(expression.groups(in: "bc") == ["bc", nil, "b", "c"])
        #expect(expression.groups(in: "x") == nil)
    }
}
