// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SourceText
internal import Testing

struct NumberTextTests {
    private func shortest(_ value: Double) -> String {
        var bytes: [UInt8] = []
        bytes.appendShortest(value)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func scientific(_ value: Double) -> String {
        var bytes: [UInt8] = []
        bytes.appendScientific(value)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "-0"), (1, "1"), (-7, "-7"), (0.1, "0.1"), (-2.5, "-2.5"),
            (100, "100"), (1_234_567.125, "1234567.125"), (0.000001, "0.000001"),
            (0.00000123, "0.00000123"), (1e-7, "1e-07"), (1.5e-7, "1.5e-07"),
            (1e20, "100000000000000000000"),
            (1.5e20, "150000000000000000000"), (1e21, "1e+21"), (1.25e300, "1.25e+300"),
            (.leastNonzeroMagnitude, "5e-324"),
            (2.2250738585072014e-308, "2.2250738585072014e-308"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
            (9_007_199_254_740_992, "9007199254740992"),
            (9.5e15, "9500000000000000"), (123_456_789_012_345.67, "123456789012345.67"),
            (.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
        ] as [(Double, String)]
    )
    func `a number has the text that Prometheus gives it`(_ value: Double, _ text: String) {
        #expect(shortest(value) == text)
    }

    @Test(
        arguments: [
            (0, "0e+00"), (1, "1e+00"), (-1.5, "-1.5e+00"), (123, "1.23e+02"), (1e-7, "1e-07"),
            (1e100, "1e+100"), (.nan, "NaN"),
        ] as [(Double, String)]
    )
    func `the value of an alert has an exponent of two digits`(_ value: Double, _ text: String) {
        #expect(scientific(value) == text)
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "-0"), (1e-7, "0.0000001"), (-1.5e21, "-1500000000000000000000"),
            (1.25, "1.25"), (.infinity, "+Inf"),
            (.leastNonzeroMagnitude, "0." + String(repeating: "0", count: 323) + "5"),
            (-.greatestFiniteMagnitude, "-17976931348623157" + String(repeating: "0", count: 292)),
        ] as [(Double, String)]
    )
    func `the value of a scalar has no exponent`(_ value: Double, _ text: String) {
        var bytes: [UInt8] = []
        bytes.appendPlain(value)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test func `any number reads back, with as few digits as the standard library finds`() {
        var generator = SystemRandomNumberGenerator()
        func check(_ value: Double) {
            guard value.isFinite else { return }
            let text = shortest(value)
            #expect(Double(text) == value)
            #expect(significant(text) == significant(value.description), "\(value)")
        }
        for _ in 0..<20_000 {
            check(Double(bitPattern: generator.next()))
            check(Double.random(in: -1e6...1e6))
            check(Double(Int.random(in: 0...1_000_000)) / 1_000)
        }
        // Powers of two have the uneven neighbours.
        for exponent in -1_074...1_023 {
            check(Double(sign: .plus, exponent: exponent, significand: 1))
        }
    }

    @Test func `whole numbers of all lengths`() {
        for text in [
            "0", "9", "10", "12345678", "123456789", "9223372036854775807", "-9223372036854775808",
        ] {
            var bytes: [UInt8] = [UInt8(ascii: "x")]
            bytes.appendDecimal(Int64(text) ?? 0)
            #expect(String(decoding: bytes, as: UTF8.self) == "x" + text)
        }
    }

    /// The digits without sign, point, exponent and outer zeros.
    private func significant(_ text: String) -> String {
        let mantissa = text.prefix { $0 != "e" }.filter(\.isNumber)
        var digits = mantissa.drop { $0 == "0" }
        while digits.last == "0" { digits.removeLast() }
        return String(digits)
    }

    @Test(
        arguments: [
            (0, "0.0"), (1, "1.0"), (-1, "-1.0"), (0.5, "0.5"), (123_456, "123456.0"),
            (1e6, "1e+06"), (1.5e7, "1.5e+07"), (0.0001, "0.0001"), (0.00001, "1e-05"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)]
    )
    func `a bound has a point or an exponent`(_ value: Double, _ text: String) {
        #expect(openMetricsText(value) == text)
    }

    @Test(
        arguments: [
            (2.5, "g", 1, "2"), (3.5, "g", 1, "4"), (1_234_567, "g", 2, "1.2e+06"),
            (0.15, "f", 1, "0.1"), (1e22, "f", -1, "10000000000000000000000"),
            (9.99, "e", 1, "1.0e+01"), (0.5, "f", 6, "0.500000"),
        ] as [(Double, Character, Int, String)]
    )
    func `a number is rounded by its exact value`(
        _ value: Double,
        _ verb: Character,
        _ precision: Int,
        _ text: String
    ) {
        #expect(formatFloat(value, verb: verb, precision: precision) == text)
    }
}
