// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SQLite
internal import Samples

/// Everything that one flush writes, in one transaction.
struct FlushWork: Sendable {
    /// A full chunk and whose it is.
    struct SealedChunk: Sendable {
        let place: SeriesRef
        let id: Int64
        let chunk: Chunk
    }

    /// What the log gets, with series that are new and gone.
    var log: PendingLog
    var chunks: [SealedChunk]
    /// The log's first batch that is needed still; those before are in chunks altogether.
    var keepFrom: Int64
    /// The last batch that no follower of the log has use for.
    var released = Int64.max

    var isEmpty: Bool {
        chunks.isEmpty && log.entries.isEmpty && log.series.isEmpty && log.removed.isEmpty
    }

    func write(to database: inout Database) throws(DatabaseError) {
        try writeSeries(to: &database)
        for sealed in chunks { try write(sealed, to: &database) }
        if !log.entries.isEmpty {
            let bytes = LogCodec.encode(log.entries)
            let sql = "INSERT INTO batch(id, bytes, samples) VALUES(?, ?, ?)"
            try database.with(sql) { statement throws(DatabaseError) in
                try statement.bind(1, log.number)
                try statement.bind(3, Int64(log.entries.count))
                try statement.with(bytes.span, at: 2) { () throws(DatabaseError) in
                    try statement.run()
                }
            }
        }
        guard !chunks.isEmpty else { return }
        try cutLog(of: &database)
    }

    /// Removes batches that nobody needs; never the last, as its number must not come again.
    private func cutLog(of database: inout Database) throws(DatabaseError) {
        let marking = "INSERT OR REPLACE INTO mark(name, value) VALUES('needed', ?)"
        try database.with(marking) { statement throws(DatabaseError) in
            try statement.bind(1, keepFrom)
            try statement.run()
        }
        let removal = "DELETE FROM batch WHERE id < ?1 AND id < (SELECT max(id) FROM batch)"
        try database.with(removal) { statement throws(DatabaseError) in
            try statement.bind(1, min(keepFrom, released < .max ? released + 1 : .max))
            try statement.run()
        }
    }

    private func writeSeries(to database: inout Database) throws(DatabaseError) {
        let insertion = "INSERT OR IGNORE INTO series(id, labels) VALUES(?, ?)"
        try database.with(insertion) { statement throws(DatabaseError) in
            for (id, labels) in log.series {
                try statement.bind(1, id)
                try statement.bind(2, labels.blob)
                try statement.run()
            }
        }
        try database.with("DELETE FROM series WHERE id = ?") { statement throws(DatabaseError) in
            for id in log.removed {
                try statement.bind(1, id)
                try statement.run()
            }
        }
    }

    private func write(_ sealed: SealedChunk, to database: inout Database) throws(DatabaseError) {
        let chunk = sealed.chunk
        let insertion = """
            INSERT OR REPLACE INTO chunk(period, series, first, last, bytes) VALUES(?, ?, ?, ?, ?)
            """
        let bytes = chunk.blob
        try database.with(insertion) { statement throws(DatabaseError) in
            try statement.bind(1, SampleSchema.period(of: chunk.firstTime))
            try statement.bind(2, sealed.id)
            try statement.bind(3, chunk.firstTime)
            try statement.bind(4, chunk.lastTime)
            try statement.with(bytes.span, at: 5) { () throws(DatabaseError) in
                try statement.run()
            }
        }
        let update = """
            UPDATE series SET first = min(ifnull(first, ?1), ?1), last = max(ifnull(last, ?2), ?2)
            WHERE id = ?3
            """
        try database.with(update) { statement throws(DatabaseError) in
            try statement.bind(1, chunk.firstTime)
            try statement.bind(2, chunk.lastTime)
            try statement.bind(3, sealed.id)
            try statement.run()
        }
    }
}

extension Head {
    /// Takes what the next flush writes.
    mutating func takeWork() -> FlushWork {
        var chunks: [FlushWork.SealedChunk] = []
        for place in unsaved.sorted(by: { series[Int($0)].id < series[Int($1)].id }) {
            let one = series[Int(place)]
            for chunk in one.unsaved {
                chunks.append(FlushWork.SealedChunk(place: place, id: one.id, chunk: chunk))
            }
        }
        var keepFrom = log.number + 1
        if !chunks.isEmpty {
            for place in series.indices where series[place].open.count > 0 {
                keepFrom = min(keepFrom, series[place].openSince)
            }
        }
        let work = FlushWork(log: log, chunks: chunks, keepFrom: keepFrom)
        unsaved = []
        log = PendingLog(after: log)
        return work
    }

    /// Notes that the disk has the work.
    mutating func finish(_ work: FlushWork) {
        for sealed in work.chunks where series[Int(sealed.place)].id == sealed.id {
            series[Int(sealed.place)].markSaved(through: sealed.chunk.lastTime)
        }
    }

    /// Takes back the work that the disk refused.
    mutating func restore(_ work: FlushWork) {
        for sealed in work.chunks where series[Int(sealed.place)].id == sealed.id {
            unsaved.insert(sealed.place)
        }
        log.prepend(work.log)
    }
}
