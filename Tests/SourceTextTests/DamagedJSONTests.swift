// SPDX-License-Identifier: Apache-2.0
// Nightjar
import SourceText
import TestSupport
import Testing

struct DamagedJSONTests {
    private static let document = """
        {"a": [1, -0.5e-3, true, null, "\\u00e9\\ud83d\\ude00\\n"], "b": {"c": {}, "d": [[]]}, "e": 1e308}
        """
    private static let words = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "01", "-", "1e9999", "\0",
        "\u{1}",
        "nul", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "é",
    ]

    @Test func `a damaged document is a value or an error, and a value is written as it was read`()
    {
        var read = 0
        for bytes in Mutations(of: Self.document, words: Self.words, count: 20_000, seed: 3) {
            guard let value = try? JSONValue.parse(bytes) else { continue }
            read += 1
            #expect((try? JSONValue.parse(bytes)) == value)
        }
        #expect(read > 100)
    }
}
