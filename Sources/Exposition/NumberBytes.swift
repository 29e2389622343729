// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Powers of ten that a double has exactly.
private let exactPowers: InlineArray<23, Double> = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20, 1e21, 1e22,
]

/// A decimal number that fills bytes, where one multiplication or division gives it exactly.
///
/// That is so for up to 15 digits and small exponents; nil for all others, and for what is no number.
/// Source: W. Clinger, "How to read floating point numbers accurately".
func simpleNumber(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
    var place = range.lowerBound
    let isNegative = place < range.upperBound && bytes[place] == UInt8(ascii: "-")
    if isNegative { place += 1 }
    var digits: UInt64 = 0
    var count = 0
    var scale = 0
    var hasPoint = false
    while place < range.upperBound {
        let digit = bytes[place] &- 48
        if digit < 10 {
            digits = digits &* 10 &+ UInt64(digit)
            count += 1
            if hasPoint { scale -= 1 }
        } else if bytes[place] == UInt8(ascii: "."), !hasPoint {
            hasPoint = true
        } else {
            break
        }
        place += 1
    }
    guard count > 0, count <= 15 else { return nil }
    if place < range.upperBound {
        guard let exponent = exponent(bytes, place..<range.upperBound) else { return nil }
        scale += exponent
    }
    guard scale >= -22, scale <= 22 else { return nil }
    let whole = Double(digits)
    let value = scale < 0 ? whole / exactPowers[-scale] : whole * exactPowers[scale]
    return isNegative ? -value : value
}

/// What follows `e` or `E`, up to two digits.
private func exponent(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    var place = range.lowerBound
    guard bytes[place] | 32 == UInt8(ascii: "e") else { return nil }
    place += 1
    guard place < range.upperBound else { return nil }
    let isNegative = bytes[place] == UInt8(ascii: "-")
    if isNegative || bytes[place] == UInt8(ascii: "+") { place += 1 }
    guard range.upperBound - place == 1 || range.upperBound - place == 2 else { return nil }
    var exponent = 0
    for index in place..<range.upperBound {
        let digit = bytes[index] &- 48
        guard digit < 10 else { return nil }
        exponent = exponent * 10 + Int(digit)
    }
    return isNegative ? -exponent : exponent
}
