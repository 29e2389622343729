// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Testing

@testable import Samples

@Suite struct TextPatternTests {
    private static let texts = [
        "", "foo", "fo", "foobar", "barfoo", "bar", "xfoox", "foo\nbar", "\n", "FOO", "f.o", "fxo",
        "a|b", "a", "b", "é", "e\u{301}", "K", "\u{212A}", "foo.bar", "fooxbar", "(foo)", "a.b|c",
        "日本", "日本語", "foofoo", "fofoo", "barbar", "\\", "foo\\", ".*", "5xx", "500",
    ]

    @Test(arguments: [
        "", "foo", ".*", ".+", "foo|bar", "foo.*", "foo.+", ".*foo", ".+foo", ".*foo.*",
        "(foo|bar)",
        "(?:foo|bar)", "(?:foo.*|bar)", "foo.*|.*bar|b", "foo|", "|", "a|b|", "foo\\.bar",
        "foo.bar",
        "(?i)foo", "(?i:foo)", "f[xo]o", "fo+", "fo*", "fo?o", "foo$", "^foo", "a\\|b", "(a)|(b)",
        "((foo))", "(foo)(bar)", "\\(foo\\)", "(foo\\)|x)", "é", "日本.*", "e\u{301}|é", "K|x", "K",
        ".*foo.+", ".", "..", ".*.*", ".*?foo", "foo.*?", "fo{2}", "5..", "5.*", "\\d+", "\\w*",
        "foo\\\\", "\\.\\*", "(", "a)", "[", "(?:)", "()", "(|)", "foo.*bar", ".*o.*o.*",
    ])
    func `a shortcut answers as RE2 does`(_ pattern: String) throws {
        guard let expression = try? RegularExpression(pattern) else {
            #expect(["(", "a)", "["].contains(pattern))
            return
        }
        for text in Self.texts {
            #expect(
                expression.matches(text) == expression.searches(text),
                "\(pattern) on \(text.debugDescription)"
            )
        }
    }

    @Test(arguments: [
        ("foo", TextPattern.equal("foo")), ("foo\\.bar", .equal("foo.bar")), (".*", .anything),
        (".+", .something), ("foo|bar", .oneOf(["foo", "bar"])), ("(?:a|b)", .oneOf(["a", "b"])),
        ("foo.*", .prefix("foo", needsMore: false)), ("foo.+", .prefix("foo", needsMore: true)),
        (".*foo", .suffix("foo", needsMore: false)), (".*foo.*", .contains("foo")),
        ("a.*|b", .anyOf([.prefix("a", needsMore: false), .equal("b")])),
    ])
    func `simple expressions need no RE2`(_ pattern: String, _ wanted: TextPattern) {
        #expect(TextPattern(pattern) == wanted)
    }

    @Test(arguments: ["(?i)foo", "f[xo]o", "fo+", "5..", "^foo$", "\\d", "(a)|(b)", "a.*b.*c"])
    func `others do`(_ pattern: String) { #expect(TextPattern(pattern) == nil) }

    @Test func `a dot matches the end of a line`() throws {
        #expect(try RegularExpression("foo.bar").matches("foo\nbar"))
        #expect(try RegularExpression("foo.*").matches("foo\n"))
    }
}
