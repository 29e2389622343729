// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Reads a duration in Prometheus' syntax, such as `1h30m`; nil where it is none.
///
/// Units go from large to small, each once: y (365 days), w, d, h, m, s, ms; a lone `0` counts.
/// Source: prometheus/common, model: `ParseDuration`.
public func durationValue(ofText text: String) -> Duration? {
    if text == "0" { return .zero }
    let units: [(name: String, milliseconds: Int64)] = [
        ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000),
        ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]
    var rest = Substring(text)
    var next = 0
    var total: Int64 = 0
    while !rest.isEmpty {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        let letters = rest.prefix { $0.isASCII && $0.isLetter }
        rest = rest.dropFirst(letters.count)
        guard let count = Int64(digits),
            let unit = units[next...].firstIndex(where: { $0.name == letters })
        else { return nil }
        next = unit + 1
        let (part, isTooLarge) = count.multipliedReportingOverflow(by: units[unit].milliseconds)
        let (sum, overflows) = total.addingReportingOverflow(part)
        // Go counts in nanoseconds; what does not fit there is refused there.
        guard !isTooLarge, !overflows, sum <= Int64.max / 1_000_000 else { return nil }
        total = sum
    }
    return next == 0 ? nil : .milliseconds(total)
}
