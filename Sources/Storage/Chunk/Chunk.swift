// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A run of samples of one series, compressed and never changed again.
struct Chunk: Sendable {
    /// How the words are to be read; the number is that of the blob's version.
    enum Form: UInt8 {
        /// Sample by sample, as a `ChunkWriter` writes.
        case streamed = 1
        /// Times and values apart, each in the form that takes least.
        case packed = 2
    }

    let firstTime: Int64
    let lastTime: Int64
    let words: ContiguousArray<UInt64>
    private let number: UInt32
    let form: Form

    init(
        form: Form,
        firstTime: Int64,
        lastTime: Int64,
        count: Int,
        words: ContiguousArray<UInt64>
    ) {
        self.firstTime = firstTime
        self.lastTime = lastTime
        self.words = words
        number = UInt32(count)
        self.form = form
    }

    /// How many samples there are.
    var count: Int { Int(number) }

    /// How many samples an open chunk holds at most.
    static let capacity = 120

    /// Appends the samples from `start` through `end`; false where the bits make no sense.
    func decode(from start: Int64, through end: Int64, into samples: inout SeriesSamples) -> Bool {
        guard lastTime >= start, firstTime <= end else { return true }
        switch form {
        case .packed:
            var reader = PackedReader(words)
            return reader.decode(from: start, through: end, into: &samples)
        case .streamed:
            samples.times.makeRoom(for: count)
            samples.values.makeRoom(for: count)
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
}
