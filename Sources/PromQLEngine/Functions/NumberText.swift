// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SourceText

/// A number as Go's `%g` writes it: with an exponent below 1e-4 and from 1e6 on.
///
/// Source: Go, strconv: `FormatFloat(value, 'g', -1, 64)`.
func goText(_ value: Double) -> String {
    var bytes: [UInt8] = []
    bytes.appendScientific(value)
    let text = String(decoding: bytes, as: UTF8.self)
    guard value.isFinite else { return text }
    let number = Decimal(scientific: text)
    return (-4..<6).contains(number.exponent) ? number.plain : text
}

/// A number as Go's `%.2g` writes it where `digits` is 2.
func goText(_ value: Double, digits: Int) -> String {
    var bytes: [UInt8] = []
    bytes.appendScientific(value)
    let text = String(decoding: bytes, as: UTF8.self)
    guard value.isFinite, value != 0 else { return text }
    var number = Decimal(scientific: text)
    number.round(to: digits)
    return (-4..<digits).contains(number.exponent) ? number.plain : number.scientific
}

/// A number as Go writes it without an exponent, however large.
///
/// Source: Go, strconv: `FormatFloat(value, 'f', -1, 64)`.
func plainText(_ value: Double) -> String {
    var bytes: [UInt8] = []
    bytes.appendScientific(value)
    let text = String(decoding: bytes, as: UTF8.self)
    return value.isFinite ? Decimal(scientific: text).plain : text
}

/// A number as the values of `le` and `quantile` have it: with a point or an exponent, always.
///
/// Source: Prometheus, model/labels/float.go: `FormatOpenMetricsFloat`.
func openMetricsText(_ value: Double) -> String {
    let text = goText(value)
    return !value.isFinite || text.contains { $0 == "." || $0 == "e" } ? text : text + ".0"
}

/// A number with six decimals.
///
/// Source: Go, fmt: `%f`.
func fixedText(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return goText(value) }
    let millionths = (abs(value) * 1e6).rounded(.toNearestOrEven)
    let (whole, rest) = UInt64(min(millionths, 1e19)).quotientAndRemainder(dividingBy: 1_000_000)
    let digits = String(rest)
    let zeros = String(repeating: "0", count: 6 - digits.count)
    return (value.sign == .minus ? "-" : "") + "\(whole).\(zeros)\(digits)"
}

/// The digits of a number and the power of ten of the first.
private struct Decimal {
    var sign: Substring
    var digits: String
    var exponent: Int

    /// Takes a text such as `-1.5e+07` apart.
    init(scientific text: String) {
        sign = text.prefix { $0 == "-" }
        let parts = text.dropFirst(sign.count).split(separator: "e")
        digits = parts[0].filter { $0 != "." }
        exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    }

    /// Rounds to a number of digits and leaves zeros at the end away.
    mutating func round(to count: Int) {
        guard digits.count > count else { return }
        let rest = digits.dropFirst(count)
        var kept = Array(digits.utf8.prefix(count))
        if rest.first.map({ $0 >= "5" }) ?? false {
            var place = count - 1
            while place >= 0, kept[place] == UInt8(ascii: "9") {
                kept[place] = UInt8(ascii: "0")
                place -= 1
            }
            if place >= 0 {
                kept[place] += 1
            } else {
                kept.insert(UInt8(ascii: "1"), at: 0)
                exponent += 1
            }
        }
        while kept.count > 1, kept.last == UInt8(ascii: "0") { kept.removeLast() }
        digits = String(decoding: kept, as: UTF8.self)
    }

    var scientific: String {
        let rest = digits.dropFirst()
        let size = String(abs(exponent))
        return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
            + (exponent < 0 ? "e-" : "e+") + (size.utf8.count < 2 ? "0" : "") + size
    }

    var plain: String {
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        let missing = exponent + 1 - digits.count
        if missing >= 0 { return sign + digits + String(repeating: "0", count: missing) }
        let point = digits.index(digits.startIndex, offsetBy: exponent + 1)
        return sign + digits[..<point] + "." + digits[point...]
    }
}
