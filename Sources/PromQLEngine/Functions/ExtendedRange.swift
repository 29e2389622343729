// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A range of an `anchored` or `smoothed` selector with the samples at its edges.
///
/// An anchored range begins at the last sample at or before its left edge. A smoothed one is cut at
/// both edges, where values are interpolated. Source: Prometheus, promql/functions.go:
/// `extendedRate`.
struct ExtendedRange {
    /// The value at the left edge.
    let left: Double
    /// The samples after the left one and before the right one, as places in the window.
    let inside: Range<Int>
    /// The value at the right edge.
    let right: Double

    /// Cuts the window's samples at a range's edges; nil where none is inside.
    ///
    /// The window reaches further than the range: by the lookback to the left, and to the right too
    /// where the range is smoothed.
    init?(
        _ window: borrowing Window,
        from: Int64,
        through: Int64,
        isSmoothed: Bool,
        isCounter: Bool
    ) {
        guard window.count > 0 else { return nil }
        var last = window.upper - 1
        var first = window.lower
        while first < last, window.times[first + 1] <= from { first += 1 }
        if isSmoothed {
            while last > window.lower, window.times[last - 1] >= through { last -= 1 }
        }
        guard window.times[last] > from else { return nil }
        first = min(first, last)
        let cutsLeft = isSmoothed && window.times[first] < from
        let cutsRight = isSmoothed && last > window.lower && window.times[last] > through
        // Where one pair of samples serves both edges, a restart counts before the left one.
        let sharesPair = cutsLeft && first + 1 == last
        left =
            cutsLeft
            ? window.interpolated(first, at: from, isCounter, startsAnew: true)
            : window.values[first]
        right =
            cutsRight
            ? window.interpolated(last - 1, at: through, isCounter, startsAnew: sharesPair)
            : window.values[last]
        inside = first + 1..<max(first + 1, last)
    }

    /// The change from edge to edge; of a counter, with what was lost by restarts.
    func change(_ window: borrowing Window, isCounter: Bool) -> Double {
        var change = right - left
        guard isCounter else { return change }
        var previous = left
        for index in inside {
            if window.values[index] < previous { change += previous }
            previous = window.values[index]
        }
        return right < previous ? change + previous : change
    }

    /// How often one value follows another in a certain way.
    func count(_ window: borrowing Window, where isCounted: (Double, Double) -> Bool) -> Double {
        var count = 0.0
        var previous = left
        for index in inside {
            if isCounted(previous, window.values[index]) { count += 1 }
            previous = window.values[index]
        }
        return isCounted(previous, right) ? count + 1 : count
    }
}

extension Window {
    /// The value between a sample and the next one at a time.
    ///
    /// Where a counter restarts in between, it starts anew from zero, or goes on from the first.
    fileprivate borrowing func interpolated(
        _ first: Int,
        at time: Int64,
        _ isCounter: Bool,
        startsAnew: Bool
    ) -> Double {
        var (a, b) = (values[first], values[first + 1])
        if isCounter, b < a {
            if startsAnew { a = 0 } else { b += a }
        }
        let share = Double(time - times[first]) / Double(times[first + 1] - times[first])
        return a + (b - a) * share
    }
}
