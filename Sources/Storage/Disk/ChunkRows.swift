// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SQLite
internal import Samples

extension ContiguousArray<Chunk> {
    /// The same samples in packed chunks, those that begin in the same period joined.
    ///
    /// A chunk whose bits make no sense is left out; chunks that this process wrote have none such.
    func joined() -> Self {
        var result: Self = []
        var start = startIndex
        while start < endIndex {
            let end = endOfGroup(from: start)
            if end == start + 1, self[start].form == .packed {
                result.append(self[start])
            } else {
                var samples = SeriesSamples(labels: .empty)
                for chunk in self[start..<end] {
                    _ = chunk.decode(from: .min, through: .max, into: &samples)
                }
                if samples.count > 0 { result.append(Chunk(packing: samples)) }
            }
            start = end
        }
        return result
    }

    /// Where the chunks end that may be joined with the one at `start`.
    private func endOfGroup(from start: Int) -> Int {
        let period = ChunkKey.period(of: self[start].firstTime)
        var count = 0
        return self[start...].firstIndex { chunk in
            count += chunk.count
            return count > chunk.count
                && (count > Chunk.maxUnsaved || ChunkKey.period(of: chunk.firstTime) != period)
        } ?? endIndex
    }

    /// Packed chunks of the size that memory wants, which a query reads a part of quickly.
    init(pieces samples: SeriesSamples) {
        self = []
        for start in stride(from: 0, to: samples.count, by: Chunk.capacity) {
            let range = start..<Swift.min(start + Chunk.capacity, samples.count)
            let piece = SeriesSamples(
                labels: .empty,
                times: ContiguousArray<Int64>(samples.times[range]),
                values: ContiguousArray<Double>(samples.values[range])
            )
            append(Chunk(packing: piece))
        }
    }
}

extension Database {
    /// Adds packed chunks of one series, oldest first, and widens its bounds.
    mutating func insert(
        _ chunks: ContiguousArray<Chunk>,
        of series: Int64
    ) throws(DatabaseError) {
        guard let first = chunks.first, let last = chunks.last else { return }
        for chunk in chunks { try insert(chunk, ChunkKey(series: series, time: chunk.firstTime)) }
        let sql = """
            INSERT INTO bounds(series, first, last) VALUES(?1, ?2, ?3) ON CONFLICT(series)
            DO UPDATE SET first = min(first, ?2), last = max(last, ?3)
            """
        try with(sql) { statement throws(DatabaseError) in
            try statement.bind(1, series)
            try statement.bind(2, first.firstTime)
            try statement.bind(3, last.lastTime)
            try statement.run()
        }
    }

    private mutating func insert(_ chunk: Chunk, _ key: ChunkKey) throws(DatabaseError) {
        do {
            try write("INSERT INTO chunk(bytes, key) VALUES(?, ?)", chunk, key)
        } catch {
            guard error.isConflict else { throw error }
            // Two chunks of one slot: samples closer than 11 ms, or a history that is brought back.
            let sql = "SELECT bytes FROM chunk WHERE key = ?"
            let earlier = try with(sql) { statement throws(DatabaseError) in
                try statement.bind(1, key.rawValue)
                _ = try statement.step()
                return statement.chunk(0, key)
            }
            try replace(earlier, with: chunk, key)
        }
    }

    /// Puts both chunks' samples under one key.
    private mutating func replace(
        _ earlier: Chunk?,
        with chunk: Chunk,
        _ key: ChunkKey
    ) throws(DatabaseError) {
        var samples = SeriesSamples(labels: .empty)
        _ = earlier?.decode(from: .min, through: chunk.firstTime &- 1, into: &samples)
        _ = chunk.decode(from: .min, through: .max, into: &samples)
        _ = earlier?.decode(from: chunk.lastTime &+ 1, through: .max, into: &samples)
        let joined = samples.count > 0xFFFF ? chunk : Chunk(packing: samples)
        try write("UPDATE chunk SET bytes = ? WHERE key = ?", joined, key)
    }

    mutating func write(_ sql: String, _ chunk: Chunk, _ key: ChunkKey) throws(DatabaseError) {
        let bytes = chunk.blob(seed: key.seed)
        try with(sql) { statement throws(DatabaseError) in
            try statement.bind(2, key.rawValue)
            try statement.with(bytes.span, at: 1) { () throws(DatabaseError) in
                try statement.run()
            }
        }
    }
}

extension Statement {
    /// The chunk of a column; nil where it is damaged.
    borrowing func chunk(_ column: Int32, _ key: ChunkKey) -> Chunk? {
        withBlob(column) { Chunk(blob: $0, seed: key.seed) }
    }
}
