// SPDX-License-Identifier: Apache-2.0
// Nightjar

extension [UInt8] {
    /// Appends a whole number in decimal.
    public mutating func appendDecimal(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDigits(value.magnitude, atLeast: 1)
    }

    /// Appends the shortest text that reads back as the same number.
    ///
    /// An exponent is written below 1e-6 and from 1e21: `1e-7`, `1e+21`. Not-numbers are `NaN`,
    /// `+Inf`, `-Inf`. Whole numbers and up to six decimals take a quick way.
    /// Source: Prometheus, util/jsonutil: `MarshalFloat`.
    public mutating func appendShortest(_ value: Double) {
        guard value.isFinite else {
            self += (value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf").utf8
            return
        }
        let size = value.magnitude
        if size < 9_007_199_254_740_992, value == value.rounded(.towardZero) {
            if value.sign == .minus { append(UInt8(ascii: "-")) }
            appendDigits(UInt64(size), atLeast: 1)
            return
        }
        if size < 1e9, size >= 1e-3 {
            let scaled = (size * 1e6).rounded()
            // Exact below 15 digits: then the quotient is the nearest number to that decimal.
            if scaled < 1e15, scaled / 1e6 == size {
                if value < 0 { append(UInt8(ascii: "-")) }
                appendDecimals(UInt64(scaled))
                return
            }
        }
        appendByDescription(value)
    }

    /// Millionths as a decimal without trailing zeros.
    private mutating func appendDecimals(_ millionths: UInt64) {
        appendDigits(millionths / 1_000_000, atLeast: 1)
        append(UInt8(ascii: "."))
        var fraction = millionths % 1_000_000
        var digits = 6
        while fraction % 10 == 0 {
            fraction /= 10
            digits -= 1
        }
        appendDigits(fraction, atLeast: digits)
    }

    /// Digits come out last first, so they are gathered beside the array and added at once.
    private mutating func appendDigits(_ value: UInt64, atLeast digits: Int) {
        append(addingCapacity: 20) { (output: inout OutputSpan<UInt8>) in
            var scratch = InlineArray<20, UInt8>(repeating: 48)
            var place = 20
            var rest = value
            while rest > 0 {
                place -= 1
                scratch[place] = UInt8(truncatingIfNeeded: 48 + rest % 10)
                rest /= 10
            }
            place = Swift.min(place, 20 - digits)
            while place < 20 {
                output.append(scratch[place])
                place += 1
            }
        }
    }

    private mutating func appendByDescription(_ value: Double) {
        let text = value.description
        // Without an exponent the description is the text that is wanted, but for the `.0`.
        guard text.utf8.contains(UInt8(ascii: "e")) else {
            self += text.utf8
            if text.hasSuffix(".0") { removeLast(2) }
            return
        }
        let (digits, exponent) = shortestDigits(value.magnitude)
        if value.sign == .minus { append(UInt8(ascii: "-")) }
        if exponent < -6 || exponent >= 21 {
            appendScientific(digits, exponent, exponentDigits: 1)
        } else {
            appendPlain(digits, exponent)
        }
    }

    /// Appends the shortest text with an exponent of two digits or more: `1e+00`.
    ///
    /// Source: Go's `strconv.FormatFloat(value, 'e', -1, 64)`, for the values of alerts.
    public mutating func appendScientific(_ value: Double) {
        guard value.isFinite else { return appendShortest(value) }
        let (digits, exponent) = shortestDigits(value.magnitude)
        if value.sign == .minus { append(UInt8(ascii: "-")) }
        appendScientific(digits, exponent, exponentDigits: 2)
    }

    private mutating func appendScientific(
        _ digits: [UInt8],
        _ exponent: Int,
        exponentDigits: Int
    ) {
        append(digits[0])
        if digits.count > 1 { append(UInt8(ascii: ".")) }
        self += digits.dropFirst()
        append(UInt8(ascii: "e"))
        append(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        appendDigits(UInt64(exponent.magnitude), atLeast: exponentDigits)
    }

    private mutating func appendPlain(_ digits: [UInt8], _ exponent: Int) {
        if exponent < 0 {
            self += "0.".utf8
            self += Array(repeating: 48, count: -exponent - 1) + digits
        } else if digits.count <= exponent + 1 {
            self += digits + Array(repeating: 48, count: exponent + 1 - digits.count)
        } else {
            self += digits[...exponent]
            append(UInt8(ascii: "."))
            self += digits[(exponent + 1)...]
        }
    }
}

/// The shortest digits of a number that is not negative, and the power of ten of the first.
///
/// They come from the standard library, whose description is the shortest that reads back.
private func shortestDigits(_ value: Double) -> (digits: [UInt8], exponent: Int) {
    guard value > 0 else { return ([48], 0) }
    let parts = value.description.split(separator: "e")
    let whole = parts[0].utf8.prefix { $0 != UInt8(ascii: ".") }.count
    var exponent = whole - 1 + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    var digits = parts[0].utf8.filter { $0 != UInt8(ascii: ".") }
    while digits.count > 1, digits.first == 48 {
        digits.removeFirst()
        exponent -= 1
    }
    while digits.count > 1, digits.last == 48 { digits.removeLast() }
    return (digits, exponent)
}
