// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
public import Samples

/// How much there is in memory.
public struct HeadStatistics: Sendable, Hashable {
    /// How many series there are, those included of which only the disk has samples.
    public var seriesCount = 0
    /// How many chunks of samples, the ones that are being filled included.
    public var chunkCount = 0
    /// The oldest sample's time; nil where there is none.
    public var firstTime: Timestamp?
    /// The newest sample's time; nil where there is none.
    public var lastTime: Timestamp?
}

extension SeriesStore {
    /// Counts what is in memory.
    public var headStatistics: HeadStatistics {
        head.withLock { head in
            var result = HeadStatistics()
            var (first, last) = (Int64.max, Int64.min)
            for series in head.series where !series.labels.isEmpty {
                result.seriesCount += 1
                result.chunkCount += series.chunkCount
                guard series.memoryStart != .max else { continue }
                first = min(first, series.memoryStart)
                last = max(last, series.lastTime)
            }
            if first != .max {
                result.firstTime = Timestamp(milliseconds: first)
                result.lastTime = Timestamp(milliseconds: last)
            }
            return result
        }
    }
}
