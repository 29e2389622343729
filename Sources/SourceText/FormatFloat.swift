// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The exact decimal digits of a number, a fraction times ten to the `point`.
///
/// Go rounds from the exact value, so a number is expanded in whole before it is cut.
private struct DecimalDigits {
    var digits: [UInt8]
    var point: Int

    init(_ value: Double) {
        let magnitude = value.magnitude
        guard magnitude != 0 else {
            digits = []
            point = 0
            return
        }
        var exponent = Int(magnitude.exponent) - 52
        var significand = UInt64(magnitude.significandBitPattern) | 1 << 52
        if !magnitude.isNormal {
            significand = magnitude.significandBitPattern
            exponent = -1_074
        }
        // Limbs of nine digits, the least first.
        var limbs = [significand % 1_000_000_000, significand / 1_000_000_000]
        let factor: UInt64 = exponent < 0 ? 5 : 2
        for _ in 0..<exponent.magnitude {
            var carry: UInt64 = 0
            for index in limbs.indices {
                let product = limbs[index] * factor + carry
                limbs[index] = product % 1_000_000_000
                carry = product / 1_000_000_000
            }
            if carry > 0 { limbs.append(carry) }
        }
        var all: [UInt8] = []
        for limb in limbs.reversed() {
            let text = Array(String(limb).utf8)
            all += Array(repeating: 48, count: 9 - text.count) + text
        }
        let lead = all.prefix { $0 == 48 }.count
        digits = Array(all[lead...])
        point = digits.count + min(exponent, 0)
        trim()
    }

    /// The shortest digits that read back as the same number.
    init(shortest value: Double) {
        let text = "\(value.magnitude)"
        let parts = text.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        let all = Array(whole.utf8) + Array(fraction.utf8)
        let lead = all.prefix { $0 == 48 }.count
        digits = Array(all[lead...])
        point = whole.utf8.count - lead + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        trim()
    }

    private mutating func trim() {
        while digits.last == 48 { digits.removeLast() }
        if digits.isEmpty { point = 0 }
    }

    /// Keeps `count` digits, half to even as the exact value says.
    mutating func round(to count: Int) {
        guard count < digits.count else { return }
        guard count >= 0 else {
            digits = []
            point = 0
            return
        }
        let next = digits[count]
        let isHalf = next == 53 && digits.count == count + 1
        let isOdd = count > 0 && digits[count - 1] % 2 == 1
        let isUp = isHalf ? isOdd : next >= 53
        digits.removeLast(digits.count - count)
        if isUp {
            var index = count - 1
            while index >= 0, digits[index] == 57 { index -= 1 }
            digits.removeLast(digits.count - index - 1)
            if index >= 0 {
                digits[index] += 1
            } else {
                digits = [49]
                point += 1
            }
        }
        trim()
    }

    func digit(_ index: Int) -> UInt8 { digits.indices.contains(index) ? digits[index] : 48 }
}

/// A number as Go's `strconv.FormatFloat` prints it, for the verbs `e`, `f` and `g`.
///
/// A negative precision asks for the shortest text that reads back as the same number.
public func formatFloat(_ value: Double, verb: Character, precision: Int) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    let sign = value.sign == .minus ? "-" : ""
    let isShortest = precision < 0
    var number = isShortest ? DecimalDigits(shortest: value) : DecimalDigits(value)
    switch verb {
    case "e":
        if !isShortest { number.round(to: precision + 1) }
        return sign + scientific(number, isShortest ? number.digits.count - 1 : precision)
    case "f":
        if !isShortest { number.round(to: number.point + precision) }
        return sign + fixed(number, isShortest ? number.digits.count - number.point : precision)
    default:
        let wanted = precision == 0 ? 1 : precision
        if !isShortest { number.round(to: wanted) }
        // For the shortest form Go decides as if six digits were wanted.
        let limit = isShortest ? 6 : wanted
        let exponent = number.point - 1
        if !number.digits.isEmpty, exponent < -4 || exponent >= limit {
            return sign + scientific(number, number.digits.count - 1)
        }
        return sign + fixed(number, number.digits.count - number.point)
    }
}

private func scientific(_ number: DecimalDigits, _ places: Int) -> String {
    var result = [number.digit(0)]
    if places > 0 { result += [46] + (1...places).map(number.digit) }
    let exponent = number.digits.isEmpty ? 0 : number.point - 1
    let digits = String(exponent.magnitude)
    let text = String(decoding: result, as: UTF8.self)
    return "\(text)e\(exponent < 0 ? "-" : "+")\(digits.utf8.count < 2 ? "0" : "")\(digits)"
}

private func fixed(_ number: DecimalDigits, _ places: Int) -> String {
    var result: [UInt8] = number.point > 0 ? (0..<number.point).map(number.digit) : [48]
    if places > 0 { result += [46] + (0..<places).map { number.digit(number.point + $0) } }
    return String(decoding: result, as: UTF8.self)
}

/// A number as the labels `le` and `quantile` have it: with a point or an exponent, always.
///
/// Source: Prometheus, model/labels/float.go: `FormatOpenMetricsFloat`.
public func openMetricsText(_ value: Double) -> String {
    let text = formatFloat(value, verb: "g", precision: -1)
    return !value.isFinite || text.contains { $0 == "." || $0 == "e" } ? text : text + ".0"
}
