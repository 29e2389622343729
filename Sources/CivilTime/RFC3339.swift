// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Writes a moment as RFC 3339 with a fraction only where there is one: `2026-01-02T03:04:05.67Z`.
///
/// The moment counts milliseconds since the Unix epoch; UTC is written as `Z`.
///
/// Source: Go, time: `RFC3339Nano`, which is how its JSON writes times.
public func rfc3339(milliseconds: Int64, in zone: Zone = .utc) -> String {
    let time = zone.civil(atMilliseconds: milliseconds)
    var text = "\(padded(time.year, 4))-\(padded(time.month, 2))-\(padded(time.day, 2))T"
    text += "\(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
    if time.millisecond != 0 {
        var fraction = padded(time.millisecond, 3)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        text += ".\(fraction)"
    }
    return text + offsetText(time.offsetSeconds, colon: true, zulu: true)
}

/// Reads a moment in RFC 3339, in milliseconds since the Unix epoch; nil where it is not one.
///
/// Digits of the fraction beyond the third are cut. `T` and `Z` may be small letters, and a leap
/// second is refused, as in Go.
public func milliseconds(rfc3339 text: String) -> Int64? {
    var reader = DigitReader(text)
    guard let year = reader.number(4), reader.take("-"),
        let month = reader.number(2), reader.take("-"),
        let day = reader.number(2), reader.take("T") || reader.take("t"),
        let hour = reader.number(2), reader.take(":"),
        let minute = reader.number(2), reader.take(":"),
        let second = reader.number(2)
    else { return nil }
    guard (1...12).contains(month), day >= 1, day <= daysInMonth(month, ofYear: year), hour < 24,
        minute < 60, second < 60, let fraction = reader.fraction(), let offset = reader.offset(),
        reader.isAtEnd
    else { return nil }
    let start = Zone.utc.milliseconds(
        year: year,
        month: month,
        day: day,
        hour: hour,
        minute: minute,
        second: second
    )
    return start + Int64(fraction) - Int64(offset) * 1_000
}

/// A number with zeros before it, up to `width` digits.
func padded(_ number: Int, _ width: Int, with fill: Character = "0") -> String {
    let digits = String(number.magnitude)
    let sign = number < 0 ? "-" : ""
    return sign + String(repeating: fill, count: max(0, width - digits.count)) + digits
}

/// An offset from UTC as `+02:00`, or `Z` for none where `zulu` is set.
func offsetText(_ seconds: Int, colon: Bool, zulu: Bool) -> String {
    guard seconds != 0 || !zulu else { return "Z" }
    let minutes = abs(seconds) / 60
    let separator = colon ? ":" : ""
    return (seconds < 0 ? "-" : "+") + padded(minutes / 60, 2) + separator
        + padded(minutes % 60, 2)
}

/// Walks over the bytes of a text.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ letter: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: letter) else { return false }
        rest = rest.dropFirst()
        return true
    }

    mutating func digit() -> Int? {
        guard let byte = rest.first, (48...57).contains(byte) else { return nil }
        rest = rest.dropFirst()
        return Int(byte) - 48
    }

    mutating func number(_ width: Int) -> Int? {
        var result = 0
        for _ in 0..<width {
            guard let digit = digit() else { return nil }
            result = result * 10 + digit
        }
        return result
    }

    /// Milliseconds; 0 where no point follows, nil where no digit follows the point.
    mutating func fraction() -> Int? {
        guard take(".") else { return 0 }
        guard var result = digit() else { return nil }
        var places = 1
        while let digit = digit() {
            if places < 3 {
                result = result * 10 + digit
                places += 1
            }
        }
        while places < 3 {
            result *= 10
            places += 1
        }
        return result
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hours = number(2), take(":"), let minutes = number(2),
            hours < 24, minutes < 60
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 3_600 + minutes * 60)
    }
}
