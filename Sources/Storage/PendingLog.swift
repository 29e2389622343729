// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// What the disk's log gets at the next flush.
struct PendingLog: Sendable {
    /// The number that the next batch of the log will have.
    private(set) var number: Int64
    /// Series that the disk does not know yet.
    var series: [(id: Int64, labels: LabelSet)] = []
    /// Series that are gone.
    var removed: [Int64] = []
    /// Samples in the order of their arrival.
    private(set) var samples = LogWriter()
    /// Samples that only a crash would lose, as the disk took none for long.
    private(set) var overflow = 0

    /// Bytes of samples kept at most while the disk takes none.
    private static let maxBytes = 24 << 20

    init(number: Int64) { self.number = number }

    /// The empty log after another.
    init(after other: PendingLog) {
        number = other.number + 1
        samples = LogWriter(capacity: other.samples.bytes.count)
    }

    mutating func append(_ id: Int64, _ time: Int64, _ value: Double) {
        guard samples.bytes.count < Self.maxBytes else {
            overflow += 1
            return
        }
        samples.append(id, time, value)
    }

    /// Puts what the disk refused before what came since.
    mutating func prepend(_ earlier: PendingLog) {
        series = earlier.series + series
        removed = earlier.removed + removed
        samples.prepend(earlier.samples)
        overflow += earlier.overflow
    }
}
