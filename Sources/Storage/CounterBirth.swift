// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// Since when counters that a poll shows for the first time have counted.
///
/// A source that was polled before and had no such counter then would have shown zero. That zero is
/// stored, at that poll's time, so that `rate` and `increase` see the first increment too.
public struct CounterBirth: Sendable, Hashable {
    /// The time of the poll before, which told everything and had not these counters.
    public var time: Timestamp
    /// Families of which a poll shows a choice: what is new in them may have counted for long.
    public var exceptions: Set<String>

    /// Makes the birth of what a poll has and the one at `time` had not.
    public init(after time: Timestamp, except exceptions: Set<String> = []) {
        self.time = time
        self.exceptions = exceptions
    }

    /// When the counters of a family were zero; nil where it has none, or only a choice of them.
    func zeroTime(of family: MetricFamily) -> Int64? {
        guard !exceptions.contains(family.name) else { return nil }
        switch family.kind {
        case .counter, .histogram, .summary: return time.milliseconds
        default: return nil
        }
    }
}

extension MetricFamily {
    /// Whether a series of the family only ever grows while its source lives.
    func isCumulative(_ labels: LabelSet) -> Bool {
        guard kind == .summary else { return true }
        // The quantiles have the family's own name.
        return labels[.metricName]?.text != name
    }
}
