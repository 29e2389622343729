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

    /// A value as a document again.
    private func written(_ value: JSONValue) -> String {
        switch value {
        case .null: return "null"
        case .bool(let flag): return "\(flag)"
        // What is too large for a double is read as infinite.
        case .number(let number) where number.isInfinite: return number < 0 ? "-1e999" : "1e999"
        case .number(let number): return "\(number)"
        case .string(let text):
            let letters = text.unicodeScalars.map { scalar in
                let digits = String(scalar.value, radix: 16)
                let isPlain = scalar.value >= 32 && scalar != "\"" && scalar != "\\"
                let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
                return isPlain ? String(scalar) : "\\u" + zeros + digits
            }
            return "\"" + letters.joined() + "\""
        case .array(let items): return "[" + items.map(written).joined(separator: ",") + "]"
        case .object(let members):
            let pairs = members.map { written(.string($0.key)) + ":" + written($0.value) }
            return "{" + pairs.joined(separator: ",") + "}"
        }
    }

    @Test func `a damaged document is a value or an error, and a value outlives being written`() {
        var read = 0
        for bytes in Mutations(of: Self.document, words: Self.words, count: 20_000, seed: 3) {
            guard let value = try? JSONValue.parse(bytes) else { continue }
            read += 1
            #expect((try? JSONValue.parse(bytes)) == value)
            #expect((try? JSONValue.parse(written(value))) == value, "\(written(value))")
        }
        #expect(read > 100)
    }
}
