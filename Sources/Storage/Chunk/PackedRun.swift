// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Packed chunks of one series, oldest first, in one piece of memory: before each stands a word that
/// says how many words it has.
struct PackedRun: Sendable {
    private var words: ContiguousArray<UInt64> = []

    var isEmpty: Bool { words.isEmpty }

    /// How many chunks there are.
    var count: Int {
        var count = 0
        each { _, _ in
            count += 1
            return true
        }
        return count
    }

    /// Bytes that the chunks take.
    var byteCount: Int { words.count * 8 }

    /// The time of the first sample; nil where there is none.
    var firstTime: Int64? { words.isEmpty ? nil : reader(at: 0).firstTime }

    /// The chunks, each on its own.
    var chunks: ContiguousArray<Chunk> {
        var result: ContiguousArray<Chunk> = []
        each { reader, range in
            let chunk = Chunk(
                form: .packed,
                firstTime: reader.firstTime,
                lastTime: reader.lastTime,
                count: reader.count,
                words: ContiguousArray(words[range])
            )
            result.append(chunk)
            return true
        }
        return result
    }

    /// Adds packed chunks that are younger than all here.
    mutating func append(_ chunks: ContiguousArray<Chunk>) {
        // Just enough: what grows by doubling is half empty.
        var all: ContiguousArray<UInt64> = []
        all.reserveCapacity(chunks.reduce(words.count) { $0 + 1 + $1.words.count })
        all += words
        for chunk in chunks {
            precondition(chunk.form == .packed, "a run has packed chunks")
            all.append(UInt64(chunk.words.count))
            all += chunk.words
        }
        words = all
    }

    /// Drops the chunks that ended before `time`.
    mutating func drop(before time: Int64) {
        var end = 0
        each { reader, range in
            guard reader.lastTime < time else { return false }
            end = range.upperBound
            return true
        }
        if end > 0 { words = ContiguousArray(words[end...]) }
    }

    /// Appends the samples from `start` through `end`.
    func decode(from start: Int64, through end: Int64, into samples: inout SeriesSamples) {
        each { reader, _ in
            guard reader.firstTime <= end else { return false }
            guard reader.lastTime >= start else { return true }
            var reader = reader
            _ = reader.decode(from: start, through: end, into: &samples)
            return true
        }
    }

    private func reader(at place: Int) -> PackedReader {
        let start = place + 1
        return PackedReader(words, in: start..<(start + Int(words[place])))
    }

    /// Hands over each chunk until `body` returns false.
    private func each(_ body: (PackedReader, Range<Int>) -> Bool) {
        var place = 0
        while place < words.count {
            let end = place + 1 + Int(words[place])
            guard body(reader(at: place), (place + 1)..<end) else { return }
            place = end
        }
    }
}
