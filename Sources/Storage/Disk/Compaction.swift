// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SQLite
internal import Samples

/// Joins the chunks of periods that are over: one row a series holds then what a dozen did.
///
/// It goes through a period in slices, one a flush, so that a flush never waits long for it. What was
/// done is kept by the rows themselves; only the place in the period is remembered here.
struct Compaction: Sendable {
    /// The next key to look at; nil where no period is under way.
    private var next: ChunkKey?
    /// Whether the period under way got rows since it was begun.
    private var isStale = false

    /// Rows that are looked at in one slice.
    private static let sliceRows: Int64 = 2_000

    /// Notes that chunks were written.
    mutating func note(_ runs: [FlushWork.SealedRun]) {
        guard let next else { return }
        isStale =
            isStale
            || runs.contains { run in
                run.chunks.contains { ChunkKey.period(of: $0.firstTime) == next.period }
            }
    }

    /// Joins some rows of a period whose last chunk ended before `time`, if there is one.
    mutating func slice(
        _ database: inout Database,
        endedBefore time: Int64
    ) throws(DatabaseError) {
        let dirty = next == nil ? try oldestDirty(&database, before: time) : next
        guard let start = dirty else { return }
        let rows = try database.rows(from: start, limit: Self.sliceRows)
        let isLast = rows.count < Self.sliceRows
        let groups = rows.groups(keepingLast: isLast)
        try database.transaction { database throws(DatabaseError) in
            for group in groups where group.count > 1 { try database.join(group) }
            guard isLast else { return }
            if !isStale { try database.markClean(start.period) }
        }
        if isLast {
            next = nil
            isStale = false
        } else {
            next = groups.last.flatMap(\.last).map { ChunkKey(rawValue: $0.key.rawValue + 1) }
        }
    }

    private func oldestDirty(
        _ database: inout Database,
        before time: Int64
    ) throws(DatabaseError) -> ChunkKey? {
        // The last chunk of a period may end later by a chunk's span, and be sealed a minute after.
        let end = time &- Series.spanMs &- 120_000
        let sql = "SELECT period FROM dirty WHERE period < ? ORDER BY period LIMIT 1"
        return try database.with(sql) { statement throws(DatabaseError) in
            try statement.bind(1, ChunkKey.period(of: end))
            return try statement.step() ? ChunkKey(period: statement.int(0)) : nil
        }
    }
}

/// A stored chunk and its key.
private struct ChunkRow {
    let key: ChunkKey
    /// Nil where it is damaged.
    let chunk: Chunk?
}

extension [ChunkRow] {
    /// The rows of each series; without the last one's, of which there may be more, if so wanted.
    fileprivate func groups(keepingLast: Bool) -> [ArraySlice<ChunkRow>] {
        var groups = split(before: { $0.key.isBeside($1.key) })
        // A series that fills a slice alone is taken as it is.
        if !keepingLast, groups.count > 1 { groups.removeLast() }
        return groups
    }

    private func split(before isBeside: (ChunkRow, ChunkRow) -> Bool) -> [ArraySlice<ChunkRow>] {
        var groups: [ArraySlice<ChunkRow>] = []
        var start = 0
        for place in indices.dropFirst() where !isBeside(self[start], self[place]) {
            groups.append(self[start..<place])
            start = place
        }
        if start < count { groups.append(self[start...]) }
        return groups
    }
}

extension Database {
    /// Rows of the period that a key is in, from that key on.
    fileprivate mutating func rows(
        from start: ChunkKey,
        limit: Int64
    ) throws(DatabaseError) -> [ChunkRow] {
        let sql = "SELECT key, bytes FROM chunk WHERE key >= ? AND key < ? ORDER BY key LIMIT ?"
        return try with(sql) { statement throws(DatabaseError) in
            var rows: [ChunkRow] = []
            try statement.bind(1, start.rawValue)
            try statement.bind(2, ChunkKey(period: start.period + 1).rawValue)
            try statement.bind(3, limit)
            while try statement.step() {
                let key = ChunkKey(rawValue: statement.int(0))
                rows.append(ChunkRow(key: key, chunk: statement.chunk(1, key)))
            }
            return rows
        }
    }

    /// Joins neighbours as long as a row does not get too large; damaged rows stay as they are.
    fileprivate mutating func join(_ rows: ArraySlice<ChunkRow>) throws(DatabaseError) {
        var samples = SeriesSamples(labels: .empty)
        var joined: [ChunkKey] = []
        for row in rows {
            let count = row.chunk?.count ?? Chunk.maxPacked
            if samples.count + count > Chunk.maxPacked {
                try replace(joined, with: samples)
                joined = []
                samples = SeriesSamples(labels: .empty)
            }
            guard row.chunk?.decode(from: .min, through: .max, into: &samples) == true else {
                continue
            }
            joined.append(row.key)
        }
        try replace(joined, with: samples)
    }

    private mutating func replace(
        _ keys: [ChunkKey],
        with samples: SeriesSamples
    ) throws(DatabaseError) {
        guard keys.count > 1, let first = keys.first else { return }
        try write("UPDATE chunk SET bytes = ? WHERE key = ?", Chunk(packing: samples), first)
        try with("DELETE FROM chunk WHERE key = ?") { statement throws(DatabaseError) in
            for key in keys.dropFirst() {
                try statement.bind(1, key.rawValue)
                try statement.run()
            }
        }
    }

    fileprivate mutating func markClean(_ period: Int64) throws(DatabaseError) {
        try with("DELETE FROM dirty WHERE period = ?") { statement throws(DatabaseError) in
            try statement.bind(1, period)
            try statement.run()
        }
    }
}
