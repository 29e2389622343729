// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Counters whose samples tell when they started.
///
/// A sample starts anew where its start lies at or after the sample before, which makes up for
/// restarts that the values do not show. A start at the sample's own time says that nothing is known.
/// Source: Prometheus, the feature `use-start-timestamps`.
extension Window {
    /// The start told by a sample; nil where it is not known.
    borrowing func start(_ index: Int) -> Int64? {
        guard index < starts.count, starts[index] != .min else { return nil }
        return starts[index]
    }

    /// Whether the counter started between a sample and the one before.
    borrowing func startsAnew(_ index: Int) -> Bool {
        guard let start = start(index), start < times[index] else { return false }
        let before = self.start(index - 1)
        if before == start || start < times[index - 1] { return false }
        if start > times[index - 1] { return true }
        // A start at the sample before may stand for "unknown since then".
        return before.map { $0 < times[index - 1] } ?? false
    }

    /// Whether a sample's start is within what the sample before already covers.
    borrowing func overlaps(_ index: Int) -> Bool {
        guard let start = start(index), let before = self.start(index - 1) else { return false }
        return start != before && start < times[index - 1]
    }

    /// Whether any sample inside overlaps the one before.
    var hasOverlap: Bool {
        !starts.isEmpty && count > 1 && (lower + 1..<upper).contains { overlaps($0) }
    }
}

/// The change of a counter over a window, with the starts of its samples; nil where it is unknown.
///
/// Where the first sample's counter started inside the window, it counts from zero there, and
/// nothing is extrapolated to the left.
func startedChange(_ window: borrowing Window, _ kind: RateKind) -> Double? {
    let start = window.start(window.lower)
    let firstTime = window.times[window.lower]
    let isBorn = start.map { $0 > window.from && $0 < firstTime } ?? false
    guard window.count > (isBorn ? 0 : 1) else { return nil }
    var change = window.last - (isBorn ? 0 : window.first)
    var previous = window.first
    for index in window.lower + 1..<max(window.lower + 1, window.upper) {
        let value = window.values[index]
        if value < previous || window.startsAnew(index) { change += previous }
        previous = value
    }
    let first = isBorn ? start ?? firstTime : firstTime
    let last = window.times[window.upper - 1]
    let sampled = Double(last - first) / 1_000
    let spacing = sampled / Double(window.count - (isBorn ? 0 : 1))
    var toStart = Double(first - window.from) / 1_000
    var toEnd = Double(window.through - last) / 1_000
    if isBorn || start == firstTime {
        toStart = 0
    } else if toStart >= spacing * 1.1 {
        toStart = spacing / 2
    }
    if change > 0, window.first >= 0 { toStart = min(toStart, sampled * (window.first / change)) }
    if toEnd >= spacing * 1.1 { toEnd = spacing / 2 }
    var factor = (sampled + toStart + toEnd) / sampled
    if kind.isPerSecond { factor /= Double(window.through - window.from) / 1_000 }
    return change * factor
}
