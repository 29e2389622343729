// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

/// Why a text is no duration, in Prometheus' words.
struct DurationFault: Error {
    let message: String

    init(_ text: String, _ rest: String = "") {
        message = "cannot parse \(quoted(text)) to a valid duration" + rest
    }
}

/// RFC 3339 in UTC, read and written; the API speaks no other.
enum TimeText {
    /// Go's zero time, which Prometheus gives for what never happened.
    static let never = "0001-01-01T00:00:00Z"

    /// `2026-01-31T12:00:00.5Z`; whole seconds have no fraction.
    static func text(of time: Timestamp?) -> String {
        guard let time else { return never }
        let day = floorDivided(time.milliseconds, by: 86_400_000)
        let rest = time.milliseconds - day * 86_400_000
        let (year, month, monthDay) = civil(day)
        let seconds = rest / 1_000
        var text = padded(year, 4) + "-" + padded(month, 2) + "-" + padded(monthDay, 2) + "T"
        text += padded(seconds / 3_600, 2) + ":" + padded(seconds / 60 % 60, 2)
        text += ":" + padded(seconds % 60, 2)
        if rest % 1_000 != 0 { text += "." + padded(rest % 1_000, 3) }
        return text + "Z"
    }

    /// The ends of time as Prometheus writes them; their years have more than four digits.
    private static let ends = [
        "-292273086-05-16T16:47:06Z": Timestamp(milliseconds: .min / 4),
        "292277025-08-18T07:12:54.999999999Z": Timestamp(milliseconds: .max / 4),
    ]

    /// Reads Unix seconds with decimals, or RFC 3339 with any offset.
    ///
    /// What is no moment at all, an infinity or NaN, is refused, where Prometheus computes with
    /// whatever its conversion gives. Source: Prometheus, web/api/v1/api.go: `parseTime`.
    static func time(of text: String) -> Timestamp? {
        if let seconds = goFloat(text) {
            // Whatever is computed with it stays within 64 bits.
            guard seconds.magnitude < 0x1p51 else { return nil }
            let whole = seconds.rounded(.towardZero)
            let rest = Int64(((seconds - whole) * 1_000).rounded())
            return Timestamp(milliseconds: Int64(whole) * 1_000 + rest)
        }
        return rfc3339(Array(text.utf8)) ?? ends[text]
    }

    /// Reads seconds with decimals, or a duration in Prometheus' form.
    ///
    /// Source: Prometheus, web/api/v1/api.go: `parseDuration`.
    ///
    /// - Throws: `DurationFault` in its words.
    static func duration(of text: String) throws(DurationFault) -> Duration {
        if let seconds = goFloat(text) {
            // Go counts nanoseconds in 64 bits; NaN becomes the least of them.
            guard !seconds.isNaN else { return .nanoseconds(Int64.min) }
            guard seconds.magnitude * 1e9 < 0x1p63 else {
                throw DurationFault(text, ". It overflows int64")
            }
            return .nanoseconds(Int64(seconds * 1e9))
        }
        guard let duration = parseDuration(text) else { throw DurationFault(text) }
        return duration
    }

    /// Source: Go's `time.Parse` with `RFC3339Nano`, which takes an hour of one digit and a comma.
    private static func rfc3339(_ text: [UInt8]) -> Timestamp? {
        guard text.count >= 19, text[4] == 45, text[7] == 45, text[10] == UInt8(ascii: "T"),
            let year = number(text[0..<4]), let month = number(text[5..<7]),
            let day = number(text[8..<10]),
            (1...12).contains(month), day >= 1, day <= lastDay(of: month, in: year)
        else { return nil }
        let colon = text[12] == 58 ? 12 : 13
        guard text.count >= colon + 7, text[colon] == 58, text[colon + 3] == 58,
            let hour = number(text[11..<colon]), hour < 24,
            let minute = number(text[(colon + 1)..<(colon + 3)]), minute < 60,
            let second = number(text[(colon + 4)..<(colon + 6)]), second < 60
        else { return nil }
        var index = colon + 6
        var fraction = 0.0
        if text[index] == 46 || text[index] == 44 {
            let digits = text[(index + 1)...].prefix { 48...57 ~= $0 }
            guard !digits.isEmpty else { return nil }
            fraction = Double("0." + String(decoding: digits, as: UTF8.self)) ?? 0
            index += digits.count + 1
        }
        guard let offset = offset(text[index...]) else { return nil }
        let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
        // Go cuts what is finer than a millisecond.
        return Timestamp(milliseconds: seconds * 1_000 + Int64(fraction * 1_000))
    }

    private static func lastDay(of month: Int64, in year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// `Z` or `+01:00`, in seconds.
    private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
        let text = Array(text)
        if text == [UInt8(ascii: "Z")] { return 0 }
        guard text.count == 6, text[0] == 43 || text[0] == 45, text[3] == 58,
            let hours = number(text[1..<3]), let minutes = number(text[4..<6])
        else { return nil }
        return (hours * 3_600 + minutes * 60) * (text[0] == 45 ? -1 : 1)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard !digits.isEmpty, digits.allSatisfy({ 48...57 ~= $0 }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func floorDivided(_ value: Int64, by divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    /// Days since the epoch of a date of the Gregorian calendar, years beginning in March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = floorDivided(year, by: 400)
        let ofEra = year - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }

    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let day = day + 719_468
        let era = floorDivided(day, by: 146_097)
        let ofEra = day - era * 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let shifted = (5 * ofYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let monthDay = ofYear - (153 * shifted + 2) / 5 + 1
        return (year + era * 400 + (month <= 2 ? 1 : 0), month, monthDay)
    }
}

/// Reads a number as Go's `strconv.ParseFloat` does: `_` between digits is passed over, hexadecimal
/// digits need an exponent, and what is too large is no number.
func goFloat(_ text: String) -> Double? {
    var digits = Array(text.lowercased().utf8)
    let isSigned = digits.first == UInt8(ascii: "+") || digits.first == UInt8(ascii: "-")
    switch String(decoding: isSigned ? digits[1...] : digits[...], as: UTF8.self) {
    case "inf", "infinity": return digits[0] == UInt8(ascii: "-") ? -.infinity : .infinity
    case "nan": return isSigned ? nil : .nan
    default: break
    }
    guard digits.allSatisfy({ "0123456789abcdefxp.+-_".utf8.contains($0) }),
        !digits.contains(UInt8(ascii: "x")) || digits.contains(UInt8(ascii: "p"))
    else { return nil }
    for place in digits.indices where digits[place] == UInt8(ascii: "_") {
        guard place > 0, place + 1 < digits.count, 48...57 ~= digits[place - 1],
            48...57 ~= digits[place + 1]
        else { return nil }
    }
    digits.removeAll { $0 == UInt8(ascii: "_") }
    guard let number = Double(String(decoding: digits, as: UTF8.self)), number.isFinite
    else { return nil }
    return number
}
