// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Reads a duration such as `1h30m`; the units are ms, s, m, h, d, w and y, largest first.
///
/// A year has 365 days, a week 7. Returns nil for anything else, a bare `0` excepted.
public func parseDuration(_ text: String) -> Duration? {
    (try? durationMilliseconds(text)).map { .milliseconds($0) }
}

/// Writes a duration as Prometheus does: `1h30m`, whole milliseconds, `0s` for none.
public func formatDuration(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    var rest = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    guard rest != 0 else { return "0s" }
    var text = rest < 0 ? "-" : ""
    rest = abs(rest)
    for unit in units {
        // Years and weeks are written only where nothing remains: 90d reads better than 12w6d.
        let isExact = unit.name == "y" || unit.name == "w"
        guard rest >= unit.size, !isExact || rest % unit.size == 0 else { continue }
        text += "\(rest / unit.size)\(unit.name)"
        rest %= unit.size
    }
    return text
}

/// The units from the largest to the smallest, with their milliseconds.
private let units: [(name: String, size: Int64)] = [
    ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000),
    ("m", 60_000), ("s", 1_000), ("ms", 1),
]

/// Why a text is no duration.
enum DurationTextError: Error, Sendable, Hashable {
    case syntax, outOfRange
}

/// The milliseconds of a duration's text.
///
/// Source: prometheus/common, model/time.go: `ParseDuration`.
func durationMilliseconds(_ text: String) throws(DurationTextError) -> Int64 {
    if text == "0" { return 0 }
    guard !text.isEmpty else { throw .syntax }
    var rest = text.utf8[...]
    var total: Int64 = 0
    var isTooLarge = false
    var allowed = units[...]
    while !rest.isEmpty {
        let digits = rest.prefix { isDigit($0) }
        rest = rest.dropFirst(digits.count)
        let name = String(Substring(rest.prefix { isAlpha($0) }))
        rest = rest.dropFirst(name.utf8.count)
        guard !digits.isEmpty, let place = allowed.firstIndex(where: { $0.name == name }) else {
            throw .syntax
        }
        let count = Int64(Substring(digits)) ?? .max
        let (size, sizeOverflows) = count.multipliedReportingOverflow(by: allowed[place].size)
        let (sum, sumOverflows) = total.addingReportingOverflow(size)
        // Prometheus counts in nanoseconds, of which 64 bits hold some 292 years.
        isTooLarge = isTooLarge || sizeOverflows || sumOverflows || sum > .max / 1_000_000
        total = isTooLarge ? 0 : sum
        allowed = allowed[(place + 1)...]
    }
    guard !isTooLarge else { throw .outOfRange }
    return total
}
