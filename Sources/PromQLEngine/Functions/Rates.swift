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

/// What the extrapolation to a window's edges needs to know of it.
struct WindowEnds {
    /// The first sample.
    var first: (time: Int64, value: Double)
    /// The time of the last sample.
    var last: Int64
    /// How many samples there are, at least two.
    var count: Int
    /// The edges.
    var from: Int64
    var through: Int64

    /// The change of the samples as one over the whole window.
    ///
    /// The gap to an edge counts as covered when it is below 1.1 times the mean distance of the
    /// samples, else half a distance is; a counter is never extrapolated below zero.
    /// Source: Prometheus, promql/functions.go: `extrapolatedRate`.
    @inline(__always)
    func extrapolated(_ change: Double, _ kind: RateKind) -> Double {
        let sampled = Double(last - first.time) / 1_000
        let spacing = sampled / Double(count - 1)
        let threshold = spacing * 1.1
        var toStart = Double(first.time - from) / 1_000
        var toEnd = Double(through - last) / 1_000
        if toStart >= threshold { toStart = spacing / 2 }
        if kind.isCounter, change > 0, first.value >= 0 {
            toStart = min(toStart, sampled * (first.value / change))
        }
        if toEnd >= threshold { toEnd = spacing / 2 }
        var factor = (sampled + toStart + toEnd) / sampled
        if kind.isPerSecond { factor /= Double(through - from) / 1_000 }
        return change * factor
    }
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
