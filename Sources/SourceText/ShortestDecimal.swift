// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The decimal with the fewest digits that reads back as a given number, the nearest of those.
///
/// The standard library finds the same digits but gives them as a text only, which costs 70 ns to make
/// and as much to take apart; this costs 15.
/// Source: Raffaello Giulietti, "The Schubfach way to render doubles", 2020; names are the paper's.
struct ShortestDecimal {
    /// The digits as a whole number, without zeros at the end.
    private(set) var digits: UInt64
    /// The power of ten that the digits are multiplied by.
    private(set) var exponent: Int

    /// Takes a number that is finite and greater than zero.
    init(_ value: Double) {
        let fraction = value.significandBitPattern
        let biased = Int(value.exponentBitPattern)
        let isNormal = biased != 0
        let c = isNormal ? fraction | 1 << 52 : fraction
        let q = (isNormal ? biased : 1) - 1_075
        // Below a power of two the neighbour is only half as far away as above it.
        let isUneven = isNormal && fraction == 0 && biased > 1
        (digits, exponent) = Self.shortest(c, q, isUneven: isUneven)
        removeZeros()
    }

    /// The shortest decimal inside the interval that reads back as `c * 2^q`.
    private static func shortest(_ c: UInt64, _ q: Int, isUneven: Bool) -> (UInt64, Int) {
        let k = isUneven ? (q * 1_262_611 - 524_031) >> 22 : (q * 1_262_611) >> 22
        let h = UInt64(q + ((-k * 1_741_647) >> 19) + 1)
        let power = powers[-k - lowestPower]
        let middle = product(power, (4 * c) << h)
        let lower = product(power, (4 * c - (isUneven ? 1 : 2)) << h) + (c & 1)
        let upper = product(power, (4 * c + 2) << h) - (c & 1)
        let s = middle / 4
        if s >= 10 {
            let tens = s / 10
            let isLow = lower <= 40 * tens
            let isHigh = 40 * tens + 40 <= upper
            if isLow != isHigh { return (isLow ? tens : tens + 1, k + 1) }
        }
        let isLow = lower <= 4 * s
        let isHigh = 4 * s + 4 <= upper
        if isLow != isHigh { return (isLow ? s : s + 1, k) }
        let half = 4 * s + 2
        let isUp = middle > half || (middle == half && s & 1 == 1)
        return (isUp ? s + 1 : s, k)
    }

    /// The upper 64 bits of `power * factor`, the last of them set where anything lies below.
    private static func product(_ power: Power, _ factor: UInt64) -> UInt64 {
        let low = power.low.multipliedFullWidth(by: factor)
        let high = power.high.multipliedFullWidth(by: factor)
        let (sum, carries) = high.low.addingReportingOverflow(low.high)
        return (high.high &+ (carries ? 1 : 0)) | (sum > 1 ? 1 : 0)
    }

    private mutating func removeZeros() {
        remove(8, divisor: 100_000_000)
        remove(4, divisor: 10_000)
        remove(2, divisor: 100)
        remove(1, divisor: 10)
        remove(1, divisor: 10)
    }

    @inline(__always)
    private mutating func remove(_ zeros: Int, divisor: UInt64) {
        guard digits % divisor == 0 else { return }
        digits /= divisor
        exponent += zeros
    }
}

extension ShortestDecimal {
    /// The upper 128 bits of a power of ten, the first of them set, rounded up.
    private struct Power {
        var high: UInt64
        var low: UInt64

        /// Takes the highest bits of a number whose words come lowest first.
        init(_ words: [UInt64], isExact: Bool) {
            let top = words.lastIndex { $0 != 0 } ?? 0
            let shift = words[top].leadingZeroBitCount
            func word(_ index: Int) -> UInt64 { index >= 0 ? words[index] : 0 }
            func shifted(_ index: Int) -> UInt64 {
                shift == 0 ? word(index) : word(index) << shift | word(index - 1) >> (64 - shift)
            }
            (high, low) = (shifted(top), shifted(top - 1))
            let rest = shifted(top - 2) | (top > 2 ? words[..<(top - 2)].reduce(0, |) : 0)
            guard !isExact || rest != 0 else { return }
            low &+= 1
            if low == 0 { high += 1 }
        }
    }

    private static let lowestPower = -292
    private static let highestPower = 324

    /// All powers that a number needs, made once in 0.2 ms instead of 10 kB of source.
    ///
    /// Those of five will do, as the bits are the same. The negative ones are quotients of a power of
    /// two, with 128 bits left when 292 divisions have taken theirs.
    private static let powers: ContiguousArray<Power> = {
        var quotient = [UInt64](repeating: 0, count: 14) + [1]
        var negative: [Power] = []
        for _ in 0 ..< -lowestPower {
            divide(&quotient, by: 5)
            negative.append(Power(quotient, isExact: false))
        }
        var product: [UInt64] = [1]
        var positive: [Power] = []
        for _ in 0...highestPower {
            positive.append(Power(product, isExact: true))
            multiply(&product, by: 5)
        }
        return ContiguousArray(negative.reversed() + positive)
    }()

    private static func divide(_ words: inout [UInt64], by divisor: UInt64) {
        var rest: UInt64 = 0
        for index in words.indices.reversed() {
            (words[index], rest) = divisor.dividingFullWidth((rest, words[index]))
        }
    }

    private static func multiply(_ words: inout [UInt64], by factor: UInt64) {
        var carry: UInt64 = 0
        for index in words.indices {
            let (high, low) = words[index].multipliedFullWidth(by: factor)
            let (sum, overflows) = low.addingReportingOverflow(carry)
            words[index] = sum
            carry = high + (overflows ? 1 : 0)
        }
        if carry > 0 { words.append(carry) }
    }
}
