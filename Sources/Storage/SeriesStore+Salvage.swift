// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
internal import Logging
internal import SQLite
internal import Samples

extension SeriesStore {
    /// Sets a damaged database aside and writes what memory has to a new one; its history follows.
    func replace(_ database: inout Database, of disk: SampleDisk) {
        guard let aside = disk.replace(&database) else {
            // There may be no room for a new one yet.
            isDamaged.withLock { $0 = true }
            return
        }
        isDamaged.withLock { $0 = false }
        head.withLock { $0.forgetDisk() }
        meters.faults.setAside()
        log?(.warning, "set a damaged database aside", [Field("now", aside)])
        salvage.withLock { salvage in
            salvage = head.withLock { Salvage(path: aside, for: $0) }
        }
        try? database.noteSalvage(of: aside)
    }

    /// Writes the database anew where its file was taken away from under it.
    func rewriteIfMoved(_ database: inout Database, of disk: SampleDisk) throws(DatabaseError) {
        guard database.hasMoved else { return }
        try disk.rewrite(&database)
        meters.faults.rewritten()
        log?(
            .warning,
            "the database's file was taken away, wrote it anew",
            [Field("file", disk.path)]
        )
    }

    /// Brings over what can be read of a damaged database, for a part of the time between flushes.
    func bringBack(_ database: inout Database, now: Int64) throws(DatabaseError) {
        let oldest = now == .min ? .min : now &- options.retention.milliseconds &- Series.spanMs
        let end = ContinuousClock.now + .milliseconds(200)
        try salvage.withLock { salvage throws(DatabaseError) in
            guard let current = salvage else { return }
            while !current.isDone(since: oldest), ContinuousClock.now < end {
                try bringBack(current.read(), by: current, &database)
            }
            guard current.isDone(since: oldest) else { return }
            try database.execute("DELETE FROM mark WHERE name = 'salvage'")
            head.withLock { $0.removeEmpty() }
            let fields = [Field("from", current.path), Field("chunks", current.count)]
            log?(.info, "brought back what could be read of a damaged database", fields)
            salvage = nil
        }
    }

    private func bringBack(
        _ rows: [Salvage.Row],
        by salvage: Salvage,
        _ database: inout Database
    ) throws(DatabaseError) {
        let runs = head.withLock { salvage.lacking(rows, of: $0) }
        guard !runs.isEmpty else { return }
        try database.transaction { database throws(DatabaseError) in
            for run in runs { try run.write(to: &database) }
        }
        head.withLock { $0.note(runs) }
        let count = runs.reduce(0) { $0 + $1.chunks.count }
        salvage.count += count
        meters.faults.salvaged(chunks: count)
    }
}

extension Database {
    /// Notes which file history is to be brought from, for a start that goes on with that.
    mutating func noteSalvage(of aside: String) throws(DatabaseError) {
        let number = aside.split(separator: "-").last.flatMap { Int64($0) } ?? 0
        let sql = "INSERT OR REPLACE INTO mark(name, value) VALUES('salvage', ?)"
        try with(sql) { statement throws(DatabaseError) in
            try statement.bind(1, number)
            try statement.run()
        }
    }

    /// The number of the file that history is still to be brought from; nil where there is none.
    mutating func salvageNumber() throws(DatabaseError) -> Int64? {
        let number = try integer("SELECT value FROM mark WHERE name = 'salvage'")
        return number > 0 ? number : nil
    }
}
