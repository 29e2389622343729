// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A run of samples of one series, compressed and never changed again.
struct Chunk: Sendable {
    let firstTime: Int64
    let lastTime: Int64
    let count: Int
    let words: ContiguousArray<UInt64>

    /// How many samples a chunk holds at most.
    static let capacity = 120

    /// Appends the samples from `start` through `end`; false where the bits make no sense.
    func decode(from start: Int64, through end: Int64, into samples: inout SeriesSamples) -> Bool {
        guard lastTime >= start, firstTime <= end else { return true }
        samples.times.reserveCapacity(samples.times.count + count)
        samples.values.reserveCapacity(samples.values.count + count)
        var reader = ChunkReader(words: words, count: count)
        while reader.next() {
            if reader.time < start { continue }
            if reader.time > end { return true }
            samples.times.append(reader.time)
            samples.values.append(Double(bitPattern: reader.valueBits))
        }
        return !reader.isBroken
    }
}
