// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// What the disk's log gets at the next flush.
struct PendingLog: Sendable {
    typealias Entry = LogBatch.Entry

    /// The number that the next batch of the log will have.
    private(set) var number: Int64
    /// Series that the disk does not know yet.
    var series: [(id: Int64, labels: LabelSet)] = []
    /// Series that are gone.
    var removed: [Int64] = []
    /// Samples in the order of their arrival.
    private(set) var entries: ContiguousArray<Entry> = []
    /// Samples that only a crash would lose, as the disk took none for long.
    private(set) var overflow = 0

    /// Entries kept at most while the disk takes none: 24 MB.
    private static let maxEntries = 1_000_000

    init(number: Int64) { self.number = number }

    /// The empty log after another.
    init(after other: PendingLog) {
        number = other.number + 1
        entries.reserveCapacity(other.entries.count)
    }

    mutating func append(_ id: Int64, _ time: Int64, _ value: Double) {
        guard entries.count < Self.maxEntries else {
            overflow += 1
            return
        }
        entries.append(Entry(id: id, time: time, value: value))
    }

    /// Puts what the disk refused before what came since.
    mutating func prepend(_ earlier: PendingLog) {
        series = earlier.series + series
        removed = earlier.removed + removed
        let later = entries
        entries = earlier.entries
        overflow += earlier.overflow
        for entry in later { append(entry.id, entry.time, entry.value) }
    }
}
