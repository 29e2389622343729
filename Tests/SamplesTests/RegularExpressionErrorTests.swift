// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Testing

@Suite struct RegularExpressionErrorTests {
    @Test(arguments: [
        ("(", "missing closing ): `(`"), ("[a", "missing closing ]: `[a`"),
        ("*", "missing argument to repetition operator: `*`"), ("a)", "unexpected ): `a)`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("\\y", "invalid escape sequence: `\\y`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("(?z)", "invalid or unsupported Perl syntax: `(?z`"),
        ("a{2000}", "invalid repeat count: `{2000}`"),
        ("a\\", "trailing backslash at end of expression: ``"),
    ])
    func `a fault is told in Go's words`(_ pattern: String, _ message: String) {
        let error = #expect(throws: RegularExpressionError.self) {
            try RegularExpression(pattern)
        }
        #expect(error?.message == message)
    }
}
