// SPDX-License-Identifier: Apache-2.0
// Nightjar
import SourceText
import Testing

@Suite struct JSONValueTests {
    @Test func `a document is read with its members in order`() throws {
        let value = try JSONValue.parse(
            #" {"b": [1, -2.5e1, true, null], "a": {"x": "\u00e9\n\ud83d\ude00"}} "#
        )
        #expect(value.members?.map(\.key) == ["b", "a"])
        #expect(value["b"]?[1]?.number == -25)
        #expect(value["b"]?[2]?.bool == true)
        #expect(value["b"]?[3]?.isNull == true)
        #expect(value["a"]?["x"]?.string == "é\n😀")
        #expect(value["c"] == nil)
    }

    @Test(arguments: [
        "", "01", "-", "1.", ".5", "+1", "1e", "nul", "tru", "{", "[1,]", "{\"a\":1,}", "{a:1}",
        "\"\u{1}\"", "\"\\x\"", "\"\\u12g4\"", "\"a", "[1] 2", "NaN", "'a'", "[1 2]", "{\"a\" 1}",
        String(repeating: "[", count: 200),
    ])
    func `what is not JSON is refused`(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue.parse(text) }
    }

    @Test(arguments: ["1e309", "-1e999", "1" + String(repeating: "0", count: 400)])
    func `a number too large for a double is refused at its place`(_ number: String) {
        #expect {
            try JSONValue.parse("[0, \(number)]")
        } throws: { error in
            (error as? JSONError)?.offset == 4
        }
    }

    @Test func `the largest and the least numbers are read`() throws {
        #expect(try JSONValue.parse("1.7976931348623157e308").number == .greatestFiniteMagnitude)
        #expect(try JSONValue.parse("5e-324").number == .leastNonzeroMagnitude)
        #expect(try JSONValue.parse("1e-400").number == 0)
    }

    @Test func `no prefix of a document is a document`() throws {
        let text = #"{"list":[{"a":"\"b\\"},{"c":-1.5e+3}],"d":false}"#
        #expect(try JSONValue.parse(text).members?.count == 2)
        for count in 0..<text.utf8.count {
            #expect(throws: JSONError.self) {
                try JSONValue.parse(Array(text.utf8.prefix(count)))
            }
        }
    }

    @Test func `half a surrogate pair becomes the replacement and broken UTF-8 is refused`() throws
    {
        #expect(try JSONValue.parse(#""\ud83dx""#).string == "\u{FFFD}x")
        #expect(throws: JSONError.self) { try JSONValue.parse([34, 0xFF, 34]) }
    }
}
