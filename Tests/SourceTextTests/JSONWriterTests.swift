// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SourceText
internal import Testing

struct JSONWriterTests {
    private func text(_ body: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        body(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test func `commas come between values only`() {
        let made = text { json in
            json.object { json in
                json.field("a", 1)
                json.key("b")
                json.array { json in
                    json.null()
                    json.boolean(true)
                    json.object { _ in }
                    json.array([1, 2] as [Int64]) { $0.integer($1) }
                }
                json.field("c", 0.5)
                json.field("d", "x")
            }
        }
        #expect(made == #"{"a":1,"b":[null,true,{},[1,2]],"c":0.5,"d":"x"}"#)
    }

    @Test func `control characters, quotes and backslashes are escaped, the rest is kept`() {
        #expect(text { $0.string("\"\\\n\r\t\u{1}é<") } == #""\"\\\n\r\t\u0001é<""#)
    }

    @Test func `what is no JSON number is null`() {
        #expect(text { $0.array([Double.nan, .infinity]) { $0.number($1) } } == "[null,null]")
    }

    @Test(
        arguments: [
            (0.0, "0"), (-0.0, "-0"), (1, "1"), (-1.5, "-1.5"), (0.1, "0.1"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"), (1e-7, "1e-07"), (1.25e-9, "1.25e-09"), (0.000001, "0.000001"),
            (123_456.789, "123456.789"), (0.1234567890123, "0.1234567890123"), (.infinity, "+Inf"),
            (-.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300"),
            (1_700_000_000.123, "1700000000.123"),
        ] as [(Double, String)]
    )
    func `a number has its shortest text`(_ value: Double, _ expected: String) {
        var bytes: [UInt8] = []
        bytes.appendShortest(value)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test(arguments: [(1.0, "1e+00"), (0, "0e+00"), (-12.5, "-1.25e+01"), (1e-10, "1e-10")])
    func `the scientific text has two digits of exponent`(_ value: Double, _ expected: String) {
        var bytes: [UInt8] = []
        bytes.appendScientific(value)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test func `the shortest text reads back as the same number`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            let scaled = (value.significand * 1e6).rounded() / 1e3
            for number in [value, scaled] {
                var bytes: [UInt8] = []
                bytes.appendShortest(number)
                #expect(Double(String(decoding: bytes, as: UTF8.self)) == number)
            }
        }
    }
}
