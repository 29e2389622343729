// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// What the family of `rate` and `delta` does with the difference of a window's ends.
struct RateKind {
    /// Whether a smaller value is a restart and not a decrease.
    var isCounter: Bool
    /// Whether the result is per second.
    var isPerSecond: Bool

    static let rate = RateKind(isCounter: true, isPerSecond: true)
    static let increase = RateKind(isCounter: true, isPerSecond: false)
    static let delta = RateKind(isCounter: false, isPerSecond: false)
}

/// The change over a window, extrapolated to its edges; nil with fewer than two samples.
///
/// The gap to an edge counts as covered when it is below 1.1 times the mean distance of the samples,
/// else half a distance is; a counter is never extrapolated below zero.
/// Source: Prometheus, promql/functions.go: `extrapolatedRate`.
func extrapolatedChange(_ window: borrowing Window, _ kind: RateKind) -> Double? {
    guard window.count > 1 else { return nil }
    var change = window.last - window.first
    if kind.isCounter {
        var previous = window.first
        for index in window.lower + 1..<window.upper {
            let value = window.values[index]
            if value < previous { change += previous }
            previous = value
        }
    }
    let first = window.times[window.lower]
    let last = window.times[window.upper - 1]
    let sampled = Double(last - first) / 1_000
    let spacing = sampled / Double(window.count - 1)
    let threshold = spacing * 1.1
    var toStart = Double(first - window.from) / 1_000
    var toEnd = Double(window.through - last) / 1_000
    if toStart >= threshold { toStart = spacing / 2 }
    if kind.isCounter, change > 0, window.first >= 0 {
        toStart = min(toStart, sampled * (window.first / change))
    }
    if toEnd >= threshold { toEnd = spacing / 2 }
    var factor = (sampled + toStart + toEnd) / sampled
    if kind.isPerSecond { factor /= Double(window.through - window.from) / 1_000 }
    return change * factor
}

/// The change between the last two samples; nil with fewer.
///
/// Source: Prometheus, promql/functions.go: `instantValue`.
func instantChange(_ window: borrowing Window, isRate: Bool) -> Double? {
    guard window.count > 1 else { return nil }
    let last = window.upper - 1
    let interval = window.times[last] - window.times[last - 1]
    guard interval > 0 else { return nil }
    let isRestart =
        isRate
        && (window.values[last] < window.values[last - 1] || window.startsAnew(last))
    let change = isRestart ? window.values[last] : window.values[last] - window.values[last - 1]
    return isRate ? change / (Double(interval) / 1_000) : change
}

/// How often the value fell from one sample to the next; nil without a sample.
func resets(_ window: borrowing Window) -> Double? {
    guard window.count > 0 else { return nil }
    var count = 0.0
    var previous = window.first
    for index in window.lower..<window.upper {
        if window.values[index] < previous || (index > window.lower && window.startsAnew(index)) {
            count += 1
        }
        previous = window.values[index]
    }
    return count
}

/// How often the value changed from one sample to the next; nil without a sample.
func changes(_ window: borrowing Window) -> Double? {
    guard window.count > 0 else { return nil }
    var count = 0.0
    var previous = window.first
    for index in window.lower..<window.upper {
        let value = window.values[index]
        if value != previous && !(value.isNaN && previous.isNaN) { count += 1 }
        previous = value
    }
    return count
}
