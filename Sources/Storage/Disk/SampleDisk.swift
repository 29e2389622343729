// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
internal import SQLite

/// The database of samples: one connection that writes, on its own queue, and one that reads.
final class SampleDisk: Sendable {
    let path: String
    private let queue: DatabaseQueue
    private let reader: Lock<ChunkFinder>
    /// Where the last damaged database was put.
    private let aside = Lock<String?>(nil)

    /// Opens or makes the database; a damaged one stays as it is and is thrown.
    init(path: String) throws(DatabaseError) {
        self.path = path
        queue = try DatabaseQueue(
            path: path,
            synchronous: .normal,
            migrations: SampleSchema.migrations
        )
        reader = Lock(ChunkFinder(database: try Database.open(path: path, access: .readOnly)))
    }

    /// Runs `body` on the writer's queue.
    func perform<Result: Sendable>(
        _ body: @Sendable (inout Database) throws(DatabaseError) -> Result
    ) async throws(DatabaseError) -> Result {
        try await queue.perform(body)
    }

    /// Reads what memory lacks of each series, in the caller's thread; returns how many chunks were
    /// damaged and left out.
    func read(
        _ pictures: ContiguousArray<SeriesPicture>,
        from: Int64,
        through: Int64,
        into results: inout [SeriesSamples]
    ) throws(DatabaseError) -> Int {
        try reader.withLock { finder throws(DatabaseError) in
            var damaged = 0
            try finder.reading { () throws(DatabaseError) in
                let periods = try finder.periods(through: through)
                for (place, picture) in pictures.enumerated() where picture.needsDisk {
                    damaged += try finder.read(picture, periods, from, through, &results[place])
                }
            }
            return damaged
        }
    }

    /// Puts a new database in the place of a damaged one; returns where that is kept now.
    ///
    /// To be called on the writer's queue with its connection, again where it failed. Both connections
    /// close before the files move, as the last one to close would touch the new database's log.
    func replace(_ database: inout Database) -> String? {
        guard let nowhere = try? Database.open(path: ":memory:"),
            reader.withLock({ (try? $0.open(":memory:")) != nil })
        else { return nil }
        database = nowhere
        if DatabaseFiles.exists(path) {
            guard let kept = DatabaseFiles.setAside(path) else { return nil }
            aside.withLock { $0 = kept }
        }
        guard var new = try? Database.open(path: path, synchronous: .normal),
            (try? new.migrate(SampleSchema.migrations)) != nil,
            reader.withLock({ (try? $0.open(path)) != nil })
        else {
            DatabaseFiles.remove(path)
            return nil
        }
        database = new
        return aside.withLock { $0 }
    }

    /// Writes the whole database to its path again, from which its file was taken away.
    func rewrite(_ database: inout Database) throws(DatabaseError) {
        try database.rewrite(to: path, synchronous: .normal)
        try reader.withLock { finder throws(DatabaseError) in try finder.open(path) }
    }
}

/// Finds chunks by series and time; the state that the reader's lock protects.
final class ChunkFinder {
    private var database: Database

    init(database: consuming Database) { self.database = database }

    /// Goes over to another file.
    func open(_ path: String) throws(DatabaseError) {
        database = try Database.open(
            path: path,
            access: path == ":memory:" ? .readWrite : .readOnly
        )
    }

    /// Runs statements in one transaction, so that the file is locked once and not for each of them,
    /// which took as long as reading did.
    func reading(_ body: () throws(DatabaseError) -> Void) throws(DatabaseError) {
        try database.execute("BEGIN")
        defer { try? database.execute("COMMIT") }
        try body()
    }

    /// The periods that have chunks and begin before `end`.
    func periods(through end: Int64) throws(DatabaseError) -> [Int64] {
        try database.periods(through: end)
    }

    /// Appends a series' samples of a range that memory lacks; returns how many chunks were damaged.
    func read(
        _ picture: SeriesPicture,
        _ periods: [Int64],
        _ from: Int64,
        _ through: Int64,
        _ samples: inout SeriesSamples
    ) throws(DatabaseError) -> Int {
        let end = min(through, picture.memoryStart &- 1)
        let start = max(from, picture.firstTime)
        var damaged = 0
        try database.eachChunk(of: picture.id, start, end, periods) { chunk in
            let isWhole = chunk?.decode(from: start, through: end, into: &samples) ?? false
            if !isWhole { damaged += 1 }
        }
        return damaged
    }
}
