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
        each { _, range in
            result.append(Chunk(packed: ContiguousArray(words[range])))
            return true
        }
        return result
    }

    /// Words that two chunks have at most to be joined.
    private static let smallWords = 16

    /// The same with packed chunks added that are younger than all here.
    ///
    /// Small neighbours are joined, as half of a small chunk is what it begins with: a series that
    /// never changes takes a few words however long it is. Larger ones are not, since a query reads
    /// a chunk from its first value on.
    func adding(_ new: ContiguousArray<Chunk>) -> PackedRun {
        var run = self
        var last = run.removeLast(ofAtMost: Self.smallWords)
        var chunks: ContiguousArray<Chunk> = []
        for chunk in new {
            if let before = last, let joined = before.joined(with: chunk, words: Self.smallWords) {
                last = joined
            } else {
                if let before = last { chunks.append(before) }
                last = chunk
            }
        }
        if let last { chunks.append(last) }
        run.append(chunks)
        return run
    }

    /// Whether another has the same chunks, of the same series.
    func isSame(as other: PackedRun) -> Bool {
        words.count == other.words.count && firstTime == other.firstTime
    }

    /// Takes the last chunk away where it is small.
    private mutating func removeLast(ofAtMost limit: Int) -> Chunk? {
        var start = 0
        each { _, range in
            start = range.lowerBound
            return true
        }
        guard !words.isEmpty, words.count - start <= limit else { return nil }
        let last = Chunk(packed: ContiguousArray(words[start...]))
        words.removeSubrange((start - 1)...)
        return last
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
