// SPDX-License-Identifier: Apache-2.0
// Nightjar

extension [UInt8] {
    /// Appends a whole number in decimal.
    public mutating func appendDecimal(_ value: Int64) {
        withRoom { bytes, place in bytes.put(decimal: value, at: &place) }
    }

    /// Appends the shortest text that reads back as the same number.
    ///
    /// An exponent is written below 1e-6 and from 1e21, of two digits or more: `1e-07`, `1e+21`.
    /// Not-numbers are `NaN`, `+Inf`, `-Inf`.
    /// Source: Prometheus, util/jsonutil: `MarshalFloat`.
    public mutating func appendShortest(_ value: Double) {
        withRoom { bytes, place in bytes.put(shortest: value, at: &place) }
    }

    /// Appends the shortest text with an exponent of two digits or more: `1e+00`.
    ///
    /// Source: Go's `strconv.FormatFloat(value, 'e', -1, 64)`, for the values of alerts.
    public mutating func appendScientific(_ value: Double) {
        withRoom { bytes, place in bytes.put(scientific: value, at: &place) }
    }

    /// Appends the shortest text without an exponent: `0.0000001`.
    ///
    /// Source: Go's `strconv.FormatFloat(value, 'f', -1, 64)`, for the values of scalars.
    public mutating func appendPlain(_ value: Double) {
        withRoom(MutableSpan.longestPlainNumber) { bytes, place in
            bytes.put(plain: value, at: &place)
        }
    }

    /// Lends room for a number or more, and gives back what of it was not used.
    mutating func withRoom(
        _ room: Int = MutableSpan.longestNumber,
        _ body: (inout MutableSpan<UInt8>, inout Int) -> Void
    ) {
        var place = count
        append(contentsOf: repeatElement(0, count: room))
        var bytes = mutableSpan
        body(&bytes, &place)
        removeLast(count - place)
    }
}

/// Numbers written into bytes that are there already.
///
/// Appending to an array byte by byte asks each time whether there is room and whether it is shared,
/// which costs five times as much as all the rest. Digits are stored eight at a time.
extension MutableSpan<UInt8> {
    /// Bytes that a number takes at most, with what it spills.
    static var longestNumber: Int { 48 }
    /// Bytes that a number without an exponent takes at most: `-0.`, 323 zeros and 17 digits.
    static var longestPlainNumber: Int { 360 }

    /// Writes a byte.
    mutating func put(_ byte: UInt8, at place: inout Int) {
        self[place] = byte
        place += 1
    }

    /// Writes a whole number.
    mutating func put(decimal value: Int64, at place: inout Int) {
        if value < 0 { put(UInt8(ascii: "-"), at: &place) }
        put(digits: value.magnitude, atLeast: 1, at: &place)
    }

    /// Writes milliseconds as seconds, with three decimals where there are any.
    mutating func put(seconds milliseconds: Int64, at place: inout Int) {
        if milliseconds < 0 { put(UInt8(ascii: "-"), at: &place) }
        let (seconds, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1_000)
        put(digits: seconds, atLeast: 1, at: &place)
        guard rest > 0 else { return }
        put(UInt8(ascii: "."), at: &place)
        put(digits: rest, atLeast: 3, at: &place)
    }

    /// Writes the shortest text that reads back as the same number.
    mutating func put(shortest value: Double, at place: inout Int) {
        guard value.isFinite else { return put(infinite: value, at: &place) }
        if value.sign == .minus { put(UInt8(ascii: "-"), at: &place) }
        let size = value.magnitude
        // Whole numbers are counts mostly, and need no search for their digits.
        if size < 9_007_199_254_740_992, size == size.rounded(.towardZero) {
            return put(digits: UInt64(size), atLeast: 1, at: &place)
        }
        let decimal = ShortestDecimal(size)
        let exponent = decimal.exponent + digitCount(decimal.digits) - 1
        if exponent < -6 || exponent >= 21 {
            put(decimal, exponent, at: &place)
        } else {
            put(decimal, pointAfter: exponent, at: &place)
        }
    }

    /// Writes the shortest text without an exponent.
    mutating func put(plain value: Double, at place: inout Int) {
        guard value.isFinite, value != 0 else { return put(shortest: value, at: &place) }
        if value.sign == .minus { put(UInt8(ascii: "-"), at: &place) }
        let decimal = ShortestDecimal(value.magnitude)
        let exponent = decimal.exponent + digitCount(decimal.digits) - 1
        put(decimal, pointAfter: exponent, at: &place)
    }

    /// Writes the shortest text with an exponent.
    mutating func put(scientific value: Double, at place: inout Int) {
        guard value.isFinite else { return put(infinite: value, at: &place) }
        if value.sign == .minus { put(UInt8(ascii: "-"), at: &place) }
        guard value != 0 else { return put("0e+00", at: &place) }
        let decimal = ShortestDecimal(value.magnitude)
        let exponent = decimal.exponent + digitCount(decimal.digits) - 1
        put(decimal, exponent, at: &place)
    }

    private mutating func put(infinite value: Double, at place: inout Int) {
        put(value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf", at: &place)
    }

    private mutating func put(_ text: String, at place: inout Int) {
        for byte in text.utf8 { put(byte, at: &place) }
    }

    private mutating func put(
        _ decimal: ShortestDecimal,
        _ exponent: Int,
        at place: inout Int
    ) {
        let start = place
        place += 1
        put(digits: decimal.digits, atLeast: 1, at: &place)
        move(1, from: start + 1, to: start)
        if place == start + 2 {
            place -= 1
        } else {
            self[start + 1] = UInt8(ascii: ".")
        }
        put(UInt8(ascii: "e"), at: &place)
        put(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"), at: &place)
        put(digits: UInt64(exponent.magnitude), atLeast: 2, at: &place)
    }

    private mutating func put(
        _ decimal: ShortestDecimal,
        pointAfter exponent: Int,
        at place: inout Int
    ) {
        if exponent < 0 {
            put(UInt8(ascii: "0"), at: &place)
            put(UInt8(ascii: "."), at: &place)
            for _ in 1 ..< -exponent { put(UInt8(ascii: "0"), at: &place) }
            return put(digits: decimal.digits, atLeast: 1, at: &place)
        }
        guard decimal.exponent < 0 else {
            put(digits: decimal.digits, atLeast: 1, at: &place)
            for _ in 0..<decimal.exponent { put(UInt8(ascii: "0"), at: &place) }
            return
        }
        // All digits one byte further on, then those before the point back to their place.
        let start = place
        place += 1
        put(digits: decimal.digits, atLeast: 1, at: &place)
        move(exponent + 1, from: start + 1, to: start)
        self[start + exponent + 1] = UInt8(ascii: ".")
    }

    /// Moves bytes towards the beginning.
    private mutating func move(_ count: Int, from source: Int, to target: Int) {
        for index in 0..<count { self[target + index] = self[source + index] }
    }

    /// Writes digits, with zeros before them where there are fewer than asked for.
    ///
    /// The first group is stored as eight bytes too; what it spills is written over by what follows,
    /// or lies in the room that must be left beyond a number.
    private mutating func put(digits value: UInt64, atLeast: Int, at place: inout Int) {
        let count = max(digitCount(value), atLeast)
        let groups = (count - 1) / 8
        let first = count - 8 * groups
        let group: UInt64 = 100_000_000
        let head = groups == 0 ? value : groups == 1 ? value / group : value / (group * group)
        putEight(eightDigits(head) >> UInt64(64 - 8 * first), at: place)
        if groups > 1 { putEight(eightDigits(value / group % group), at: place + first) }
        if groups > 0 { putEight(eightDigits(value % group), at: place + count - 8) }
        place += count
    }

    /// Eight bytes as a word, the first in its lowest byte.
    func eight(at place: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(self[place + $1]) << UInt64(8 * $1) }
    }

    /// Writes the bytes of a word, the lowest first.
    @inline(__always)
    mutating func putEight(_ word: UInt64, at place: Int) {
        // One check for all, which lets the compiler make one store of the eight.
        precondition(place >= 0 && place &+ 8 <= count, "there is room for a number")
        self[place] = UInt8(truncatingIfNeeded: word)
        self[place &+ 1] = UInt8(truncatingIfNeeded: word >> 8)
        self[place &+ 2] = UInt8(truncatingIfNeeded: word >> 16)
        self[place &+ 3] = UInt8(truncatingIfNeeded: word >> 24)
        self[place &+ 4] = UInt8(truncatingIfNeeded: word >> 32)
        self[place &+ 5] = UInt8(truncatingIfNeeded: word >> 40)
        self[place &+ 6] = UInt8(truncatingIfNeeded: word >> 48)
        self[place &+ 7] = UInt8(truncatingIfNeeded: word >> 56)
    }
}

/// The eight digits of a number below 10^8 as text, the first in the lowest byte.
///
/// Each step splits all fields in two: by 10,000, by 100 and by 10; the factors are exact that far.
private func eightDigits(_ value: UInt64) -> UInt64 {
    let (high, low) = value.quotientAndRemainder(dividingBy: 10_000)
    let fours = high | low << 32
    let hundreds = ((fours &* 10_486) >> 20) & 0x7F_0000_007F
    let twos = hundreds | (fours &- hundreds &* 100) << 16
    let tens = ((twos &* 103) >> 10) & 0x0F_000F_000F_000F
    return (tens | (twos &- tens &* 10) << 8) &+ 0x3030_3030_3030_3030
}

/// How many digits a number has; 1 for zero.
private func digitCount(_ value: UInt64) -> Int {
    let estimate = ((64 - (value | 1).leadingZeroBitCount) * 1_233) >> 12
    return estimate + (value >= powersOfTen[estimate] ? 1 : 0) + (value == 0 ? 1 : 0)
}

private let powersOfTen: ContiguousArray<UInt64> = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000,
    100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
    100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
]
