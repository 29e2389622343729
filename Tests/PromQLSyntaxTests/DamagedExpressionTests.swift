// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLSyntax
import TestSupport
import Testing

struct DamagedExpressionTests {
    private static let text = """
        sum by (a, "b.c") (rate({"x.y", a=~"b|c.*", d!="e"}[5m:1m] offset -1h @ end())) / on (a) \
        group_left (z) histogram_quantile(0.9, m_bucket{le="+Inf"}) > bool 0x1F ^ -2 or vector(1e-3) # c
        """
    private static let words = [
        "(", ")", "[", "]", "{", "}", ",", "by", "without", "offset", "@", "bool", "ignoring", "-",
        "+",
        "5m", "1y1d", "\"", "'", "`", "\\x", "\\u{1}", "=~", "!~", "(((((((((((((((((((((((",
        "1e999",
        "Inf", "NaN", "atan2", "unless", "é", "\0", "#", "limit_ratio", "start()",
    ]

    @Test func `a damaged expression parses, or fails inside its text`() {
        var parsed = 0
        for bytes in Mutations(of: Self.text, words: Self.words, count: 20_000, seed: 5) {
            let text = String(decoding: bytes, as: UTF8.self)
            do throws(ParseError) {
                let expression = try parseExpression(text)
                parsed += 1
                let again = try parseExpression(expression.description)
                #expect(again.description == expression.description, "\(text)")
            } catch {
                #expect(error.range.lowerBound >= 0, "\(text)")
                #expect(error.range.upperBound <= text.utf8.count + 1, "\(text): \(error)")
            }
        }
        #expect(parsed > 500)
    }
}
