// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// What the disk's log gets at the next flush.
struct PendingLog {
    /// One sample of a series.
    struct Entry {
        let id: Int64
        let time: Int64
        let value: Double
    }

    /// The number that the next batch of the log will have.
    var number: Int64 = 1
    /// Series that the disk does not know yet.
    var series: [(id: Int64, labels: LabelSet)] = []
    /// Series that are gone.
    var removed: [Int64] = []
    /// Samples in the order of their arrival.
    private(set) var entries: ContiguousArray<Entry> = []
    /// Samples that a crash would lose, because the disk takes none and there are too many.
    private(set) var overflow = 0

    /// Entries kept at most while the disk takes none: 24 MB.
    private static let maxEntries = 1_000_000

    mutating func append(_ id: Int64, _ time: Int64, _ value: Double) {
        guard entries.count < Self.maxEntries else {
            overflow += 1
            return
        }
        entries.append(Entry(id: id, time: time, value: value))
    }
}
