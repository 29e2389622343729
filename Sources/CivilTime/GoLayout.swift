// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Writes a moment by an example of Go's reference time, `Mon Jan 2 15:04:05 MST 2006`.
///
/// All elements of Go's layouts are known; whatever is none stands for itself. The moment counts
/// milliseconds since the Unix epoch.
///
/// Source: Go, time/format.go: `nextStdChunk` and `Time.Format`.
public func formatted(milliseconds: Int64, layout: String, in zone: Zone = .utc) -> String {
    let time = zone.civil(atMilliseconds: milliseconds)
    var result = ""
    var rest = Substring(layout)
    while let first = rest.first {
        if let element = elements.first(where: { $0.fits(rest) }) {
            result += element.render(time)
            rest = rest.dropFirst(element.text.count)
        } else if let (text, length) = fraction(rest, after: result, of: time) {
            result += text
            rest = rest.dropFirst(length)
        } else {
            result.append(first)
            rest = rest.dropFirst()
        }
    }
    return result
}

/// One element of a layout and how it is written.
private struct Element: Sendable {
    let text: String
    let render: @Sendable (CivilDateTime) -> String

    init(_ text: String, _ render: @escaping @Sendable (CivilDateTime) -> String) {
        self.text = text
        self.render = render
    }

    /// `Jan` and `Mon` do not count where a small letter follows; `Month` is a word.
    func fits(_ rest: Substring) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        guard text == "Jan" || text == "Mon" else { return true }
        return !(rest.dropFirst(3).first.map { ("a"..."z").contains($0) } ?? false)
    }
}

private let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]
private let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
]

/// The elements; where one begins another, the longer comes first.
private let elements: [Element] = [
    Element("January") { months[$0.month - 1] },
    Element("Jan") { String(months[$0.month - 1].prefix(3)) },
    Element("Monday") { weekdays[$0.weekday] },
    Element("Mon") { String(weekdays[$0.weekday].prefix(3)) },
    Element("MST") { $0.abbreviation },
    Element("2006") { padded($0.year, 4) },
    Element("_2006") { "_" + padded($0.year, 4) },
    Element("__2") { padded($0.dayOfYear, 3, with: " ") },
    Element("_2") { padded($0.day, 2, with: " ") },
    Element("002") { padded($0.dayOfYear, 3) },
    Element("01") { padded($0.month, 2) },
    Element("02") { padded($0.day, 2) },
    Element("03") { padded(($0.hour + 11) % 12 + 1, 2) },
    Element("04") { padded($0.minute, 2) },
    Element("05") { padded($0.second, 2) },
    Element("06") { padded($0.year % 100, 2) },
    Element("15") { padded($0.hour, 2) },
    Element("PM") { $0.hour < 12 ? "AM" : "PM" },
    Element("pm") { $0.hour < 12 ? "am" : "pm" },
    Element("Z07:00") { offsetText($0.offsetSeconds, colon: true, zulu: true) },
    Element("Z0700") { offsetText($0.offsetSeconds, colon: false, zulu: true) },
    Element("Z07") {
        $0.offsetSeconds == 0 ? "Z" : hours($0.offsetSeconds)
    },
    Element("-07:00") { offsetText($0.offsetSeconds, colon: true, zulu: false) },
    Element("-0700") { offsetText($0.offsetSeconds, colon: false, zulu: false) },
    Element("-07") { hours($0.offsetSeconds) },
    Element("1") { String($0.month) },
    Element("2") { String($0.day) },
    Element("3") { String(($0.hour + 11) % 12 + 1) },
    Element("4") { String($0.minute) },
    Element("5") { String($0.second) },
]

private func hours(_ offset: Int) -> String {
    String(offsetText(offset, colon: false, zulu: false).prefix(3))
}

/// `.000` keeps its zeros and `.999` cuts them; no digit may follow.
private func fraction(
    _ rest: Substring,
    after written: String,
    of time: CivilDateTime
) -> (text: String, length: Int)? {
    guard let point = rest.first, point == "." || point == ",",
        let digit = rest.dropFirst().first, digit == "0" || digit == "9"
    else { return nil }
    let digits = rest.dropFirst().prefix { $0 == digit }
    let isFollowed = rest.dropFirst(1 + digits.count).first.map { ("0"..."9").contains($0) }
    guard !(isFollowed ?? false) else { return nil }
    let all = padded(time.millisecond, 3) + String(repeating: "0", count: max(0, digits.count - 3))
    var text = all.prefix(digits.count)
    if digit == "9" {
        while text.hasSuffix("0") { text.removeLast() }
    }
    return (text.isEmpty ? "" : String(point) + text, digits.count + 1)
}
