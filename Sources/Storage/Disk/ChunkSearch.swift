// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SQLite

extension Database {
    /// The periods that have chunks and begin before `end`.
    mutating func periods(through end: Int64) throws(DatabaseError) -> [Int64] {
        var found: [Int64] = []
        var next = Int64.min
        let last = ChunkKey.period(of: end)
        // A seek each, where DISTINCT would read every key.
        let sql = "SELECT key FROM chunk WHERE key >= ? ORDER BY key LIMIT 1"
        try with(sql) { statement throws(DatabaseError) in
            while true {
                try statement.bind(1, next)
                guard try statement.step() else { return }
                let period = ChunkKey(rawValue: statement.int(0)).period
                guard period <= last else { return }
                found.append(period)
                next = ChunkKey(period: period + 1).rawValue
                statement.restart()
            }
        }
        return found
    }

    /// Hands over the chunks of a series that may have samples from `start` through `end`, oldest
    /// first; nil where one is damaged.
    ///
    /// `periods` are those that have chunks.
    mutating func eachChunk(
        of series: Int64,
        _ start: Int64,
        _ end: Int64,
        _ periods: [Int64],
        _ body: (Chunk?) -> Void
    ) throws(DatabaseError) {
        // A chunk spans less than a period, so the one before may reach into the range.
        let first = ChunkKey.period(of: start) - 1
        let last = ChunkKey.period(of: end)
        // Of the chunks that begin before the range, only the last can reach into it. The slot of the
        // start itself may have a chunk that begins after it, so what is before that slot counts.
        let sql = """
            SELECT key, bytes FROM chunk WHERE key BETWEEN ifnull(
              (SELECT key FROM chunk WHERE key BETWEEN ?1 AND ?2 ORDER BY key DESC LIMIT 1), ?1
            ) AND ?3 ORDER BY key
            """
        try with(sql) { statement throws(DatabaseError) in
            for period in periods where period >= first && period <= last {
                let latest = period < last ? (period + 1) * ChunkKey.periodMs - 1 : end
                let begin = max(period * ChunkKey.periodMs, min(start, latest))
                try statement.bind(1, ChunkKey(series: series, period: period).rawValue)
                try statement.bind(2, ChunkKey(series: series, time: begin).rawValue - 1)
                try statement.bind(3, ChunkKey(series: series, time: latest).rawValue)
                while try statement.step() {
                    body(statement.chunk(1, ChunkKey(rawValue: statement.int(0))))
                }
                statement.restart()
            }
        }
    }
}
