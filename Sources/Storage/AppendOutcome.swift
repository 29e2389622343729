// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// What became of the samples of one append.
///
/// Source: Prometheus, tsdb/head_append.go, which tells out-of-order samples, duplicates and samples
/// out of bounds apart, and takes an exact duplicate for a success.
public struct AppendOutcome: Sendable, Hashable {
    /// Samples that are stored now.
    public var appended = 0
    /// Samples older than the newest of their series, dropped.
    public var late = 0
    /// Samples that are stored already, with that time and that value bit for bit: no harm.
    public var duplicate = 0
    /// Samples at a time that has another value already, dropped.
    public var conflicting = 0
    /// Samples older than the retention, dropped.
    public var tooOld = 0
    /// Samples with a time too far ahead, dropped.
    public var tooFarAhead = 0
    /// Samples dropped because of the limit on series.
    public var dropped = 0
    /// Zeros written for counters that the poll before had not.
    public var born = 0
    /// Staleness markers written for series that the target no longer has.
    public var ended = 0

    /// Makes an outcome of nothing.
    public init() {}

    /// Samples that are not stored and should have been.
    public var refused: Int { late + conflicting + tooOld + tooFarAhead + dropped }

    /// Adds the counts of another append.
    public static func += (a: inout AppendOutcome, b: AppendOutcome) {
        a.appended += b.appended
        a.late += b.late
        a.duplicate += b.duplicate
        a.conflicting += b.conflicting
        a.tooOld += b.tooOld
        a.tooFarAhead += b.tooFarAhead
        a.dropped += b.dropped
        a.born += b.born
        a.ended += b.ended
    }
}
