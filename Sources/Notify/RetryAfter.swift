// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CivilTime
internal import Samples

/// What a `Retry-After` asks for: seconds, or a moment, which counts from the answer's own `Date`.
///
/// Source: RFC 9110 section 10.2.3.
func retryAfter(_ text: String, date: String?) -> Duration? {
    if let seconds = Int64(text), seconds >= 0 { return .seconds(min(seconds, 1 << 40)) }
    guard let until = moment(ofHTTPDate: text), let date, let now = moment(ofHTTPDate: date)
    else { return nil }
    return max(.zero, .milliseconds(until - now))
}

/// Milliseconds of `Wed, 21 Oct 2015 07:28:00 GMT`.
private func moment(ofHTTPDate text: String) -> Int64? {
    let names = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let words = text.split(separator: " ")
    guard words.count == 6, let day = Int(words[1]),
        let month = names.firstIndex(of: String(words[2])), let year = Int(words[3])
    else { return nil }
    let clock = words[4].split(separator: ":").compactMap { Int($0) }
    guard clock.count == 3 else { return nil }
    return Zone.utc.milliseconds(
        year: year,
        month: month + 1,
        day: day,
        hour: clock[0],
        minute: clock[1],
        second: clock[2]
    )
}
