// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SQLite
internal import Samples

/// Everything that one flush writes, in one transaction.
struct FlushWork: Sendable {
    /// The full chunks of one series that the disk has not.
    struct SealedRun: Sendable {
        let place: SeriesRef
        let id: Int64
        /// How many chunks that were in memory.
        let count: Int
        /// Oldest first; joined and packed by `pack`.
        var chunks: ContiguousArray<Chunk>
        /// What memory has of the series beside them, and both together.
        let saved: PackedRun
        var joined = PackedRun()
    }

    /// What the log gets, with series that are new and gone.
    var log: PendingLog
    var runs: [SealedRun]
    /// The log's first batch that is needed still; those before are in chunks altogether.
    var keepFrom: Int64
    /// The last batch that no follower of the log has use for.
    var released = Int64.max

    var isEmpty: Bool {
        runs.isEmpty && log.samples.count == 0 && log.series.isEmpty && log.removed.isEmpty
    }

    /// Brings the chunks into the form that they have on disk.
    mutating func pack() {
        for run in runs.indices {
            runs[run].chunks = runs[run].chunks.joined()
            runs[run].joined = runs[run].saved.adding(runs[run].chunks)
        }
    }

    func write(to database: inout Database) throws(DatabaseError) {
        try writeSeries(to: &database)
        for run in runs { try database.insert(run.chunks, of: run.id) }
        try markPeriods(in: &database)
        if log.samples.count > 0 {
            let bytes = log.samples.sealed
            let sql = "INSERT INTO batch(id, bytes, samples, form) VALUES(?, ?, ?, ?)"
            try database.with(sql) { statement throws(DatabaseError) in
                try statement.bind(1, log.number)
                try statement.bind(3, Int64(log.samples.count))
                try statement.bind(4, LogReader.form)
                try statement.with(bytes.span, at: 2) { () throws(DatabaseError) in
                    try statement.run()
                }
            }
        }
        guard !runs.isEmpty else { return }
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
        for table in ["series WHERE id", "bounds WHERE series"] where !log.removed.isEmpty {
            let removal = "DELETE FROM \(table) = ?"
            try database.with(removal) { statement throws(DatabaseError) in
                for id in log.removed {
                    try statement.bind(1, id)
                    try statement.run()
                }
            }
        }
    }

    /// Notes the periods that got rows, which may be joined later.
    private func markPeriods(in database: inout Database) throws(DatabaseError) {
        var periods: Set<Int64> = []
        for run in runs {
            for chunk in run.chunks { periods.insert(ChunkKey.period(of: chunk.firstTime)) }
        }
        guard !periods.isEmpty else { return }
        let insertion = "INSERT OR IGNORE INTO dirty(period) VALUES(?)"
        try database.with(insertion) { statement throws(DatabaseError) in
            for period in periods {
                try statement.bind(1, period)
                try statement.run()
            }
        }
    }
}

extension Head {
    /// Takes what the next flush writes.
    mutating func takeWork() -> FlushWork {
        var runs: [FlushWork.SealedRun] = []
        runs.reserveCapacity(unsaved.count)
        for place in unsaved.sorted(by: { series[Int($0)].id < series[Int($1)].id }) {
            let chunks = series[Int(place)].unsaved
            guard !chunks.isEmpty else { continue }
            let id = series[Int(place)].id
            runs.append(
                FlushWork.SealedRun(
                    place: place,
                    id: id,
                    count: chunks.count,
                    chunks: chunks,
                    saved: series[Int(place)].saved
                )
            )
        }
        var keepFrom = log.number + 1
        if !runs.isEmpty {
            for place in series.indices where series[place].open.count > 0 {
                keepFrom = min(keepFrom, series[place].openSince)
            }
        }
        let work = FlushWork(log: log, runs: runs, keepFrom: keepFrom)
        unsaved = []
        log = PendingLog(after: log)
        return work
    }

    /// Notes that the disk has the work, or that there is none and the chunks are packed at least.
    mutating func finish(_ work: FlushWork, onDisk: Bool = true) {
        for run in work.runs where series[Int(run.place)].id == run.id {
            series[Int(run.place)].markSaved(run, onDisk: onDisk)
        }
    }

    /// Takes back the work that the disk refused.
    mutating func restore(_ work: FlushWork) {
        for run in work.runs where series[Int(run.place)].id == run.id {
            unsaved.insert(run.place)
            // Packed once is enough, however often the disk refuses them.
            series[Int(run.place)].restore(run)
        }
        log.prepend(work.log)
    }
}
