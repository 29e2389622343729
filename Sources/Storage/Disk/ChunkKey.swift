// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The key of a chunk on disk: the period that it begins in, its series, and about when in the period.
///
/// One number, so that a row has next to no overhead and a series' chunks of a period lie together.
/// From the highest bit down: 20 for the period, 30 for the series, 14 for the slot, which is 1.3 s.
struct ChunkKey: Hashable, Comparable {
    let rawValue: Int64

    /// Milliseconds of a period: chunks are stored by the period that they begin in, so that old ones
    /// lie together and leave together.
    static let periodMs: Int64 = 6 * 3_600_000
    /// Series that can have been since the database was made.
    static let maxSeriesID: Int64 = 1 << seriesBits - 1

    private static let slotBits: Int64 = 14
    private static let seriesBits: Int64 = 30

    init(rawValue: Int64) { self.rawValue = rawValue }

    /// The key of a chunk that begins at a time.
    init(series: Int64, time: Int64) {
        let period = Self.period(of: time)
        let slot = (time &- period &* Self.periodMs) << Self.slotBits / Self.periodMs
        rawValue = period << (Self.seriesBits + Self.slotBits) | series << Self.slotBits | slot
    }

    /// The first key that a series can have in a period.
    init(series: Int64, period: Int64) {
        rawValue = period << (Self.seriesBits + Self.slotBits) | series << Self.slotBits
    }

    /// The first key of a period.
    init(period: Int64) { self.init(series: 0, period: period) }

    var period: Int64 { rawValue >> (Self.seriesBits + Self.slotBits) }

    var series: Int64 { rawValue >> Self.slotBits & Self.maxSeriesID }

    /// What the chunk's checksum starts from: all but the slot.
    var seed: UInt64 { UInt64(bitPattern: rawValue >> Self.slotBits) }

    /// Whether two chunks are of one series and period.
    func isBeside(_ other: ChunkKey) -> Bool { seed == other.seed }

    static func period(of time: Int64) -> Int64 {
        time >= 0 ? time / periodMs : (time + 1) / periodMs - 1
    }

    static func < (a: ChunkKey, b: ChunkKey) -> Bool { a.rawValue < b.rawValue }
}
