// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
internal import Logging
internal import SQLite
internal import Telemetry

/// One change of the ledger.
public enum LedgerChange: Sendable, Hashable {
    /// Sets a key of a space.
    case put(space: String, key: String, value: [UInt8])
    /// Removes a key of a space; one that is not there is none too many.
    case remove(space: String, key: String)
}

/// Durable small state: alert state, silences, the notification log, the outbox.
///
/// It commits with `synchronous=FULL`, so that a loss of power loses nothing that `apply` returned
/// from. Changes that the disk refused are kept and written, first, by the next `apply` that succeeds;
/// `load` already shows them. Calls run one after the other on the database's own queue.
public final class Ledger: Sendable {
    let path: String
    private let queue: DatabaseQueue
    private let meters: StorageMeters
    private let log: Log?
    /// Changes that the disk refused, by space and key the last one; used on the queue only.
    private let refused = Lock<[Place: LedgerChange]>([:])

    /// Refused changes kept at most; what is beyond is lost with its `StorageError`.
    private static let maxRefused = 100_000

    fileprivate struct Place: Hashable {
        let space: String
        let key: String
    }

    static let migrations = [
        """
        CREATE TABLE ledger(
            space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY(space, key)
        ) WITHOUT ROWID
        """
    ]

    init(
        path: String,
        meters: StorageMeters = StorageMeters(Registry()),
        log: Log? = nil
    ) throws(StorageError) {
        self.path = path
        self.meters = meters
        self.log = log
        do {
            queue = try DatabaseQueue(
                path: path,
                synchronous: .full,
                migrations: Self.migrations
            )
        } catch {
            throw StorageError(error, doing: "open \(path)")
        }
    }

    /// All keys of a space with their values, in the order of the keys' bytes.
    ///
    /// - Throws: `StorageError` where the disk cannot be read.
    public func load(_ space: String) async throws(StorageError) -> [(key: String, value: [UInt8])]
    {
        do {
            return try await queue.perform { database throws(DatabaseError) in
                let found = try self.repairing(&database) { database throws(DatabaseError) in
                    try database.values(in: space)
                }
                return self.overlaid(found, space)
            }
        } catch {
            throw StorageError(error, doing: "load \(space)")
        }
    }

    /// Commits all changes, or none of them, in order.
    ///
    /// - Throws: `StorageError`; the changes are kept in memory then and written with the next that
    ///   succeed.
    public func apply(_ changes: [LedgerChange]) async throws(StorageError) {
        do {
            try await queue.perform { database throws(DatabaseError) in
                try self.write(changes, to: &database)
            }
        } catch {
            throw StorageError(error, doing: "save \(changes.count) changes")
        }
    }

    private func write(
        _ changes: [LedgerChange],
        to database: inout Database
    ) throws(DatabaseError) {
        let all = refused.withLock { Array($0.values) } + changes
        guard !all.isEmpty else { return }
        do {
            try repairing(&database) { database throws(DatabaseError) in
                try database.transaction { database throws(DatabaseError) in
                    for change in all { try change.write(to: &database) }
                }
            }
            refused.withLock { $0 = [:] }
        } catch {
            refused.withLock { refused in
                for change in changes {
                    guard refused.count < Self.maxRefused else { return }
                    refused[change.place] = change
                }
            }
            throw error
        }
    }

    /// Runs `body`, again where the file was damaged or taken away and is there again.
    private func repairing<Result>(
        _ database: inout Database,
        _ body: (inout Database) throws(DatabaseError) -> Result
    ) throws(DatabaseError) -> Result {
        do {
            if database.hasMoved {
                try database.rewrite(to: path, synchronous: .full)
                meters.faults.rewritten()
                let fields = [Field("file", path)]
                log?(.warning, "the database's file was taken away, wrote it anew", fields)
            }
            return try body(&database)
        } catch {
            guard error.isDamaged, let aside = database.replaceLedger(at: path) else { throw error }
            meters.faults.setAside()
            let fields = [Field("now", aside), Field("error", error)]
            log?(.warning, "set a damaged database aside", fields)
        }
        return try body(&database)
    }

    private func overlaid(
        _ rows: [(key: String, value: [UInt8])],
        _ space: String
    ) -> [(key: String, value: [UInt8])] {
        let refused = refused.withLock { $0 }
        guard !refused.isEmpty else { return rows }
        var values = Dictionary(uniqueKeysWithValues: rows)
        for (place, change) in refused where place.space == space {
            switch change {
            case .put(_, let key, let value): values[key] = value
            case .remove(_, let key): values[key] = nil
            }
        }
        return values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { ($0.key, $0.value) }
    }
}

extension Database {
    fileprivate mutating func values(
        in space: String
    ) throws(DatabaseError) -> [(key: String, value: [UInt8])] {
        let sql = "SELECT key, value FROM ledger WHERE space = ? ORDER BY key"
        return try with(sql) { statement throws(DatabaseError) in
            var rows: [(key: String, value: [UInt8])] = []
            try statement.bind(1, space)
            while try statement.step() { rows.append((statement.string(0), statement.bytes(1))) }
            return rows
        }
    }

    /// Sets the damaged file aside and begins a new one with what can be read of it.
    fileprivate mutating func replaceLedger(at path: String) -> String? {
        guard let nowhere = try? Database.open(path: ":memory:") else { return nil }
        self = nowhere
        guard let aside = DatabaseFiles.setAside(path) else { return nil }
        Ledger.salvage(aside, to: path)
        guard var new = try? Database.open(path: path), (try? new.migrate(Ledger.migrations)) != nil
        else { return nil }
        self = new
        return aside
    }
}

extension Ledger {
    /// Begins a new ledger with what can be read of a damaged one: from both ends up to the damage.
    static func salvage(_ aside: String, to path: String) {
        guard var damaged = try? Database.open(path: aside, access: .salvage),
            var new = try? Database.open(path: path), (try? new.migrate(migrations)) != nil
        else { return }
        var rows: [LedgerChange] = []
        for order in ["", " DESC"] {
            let sql = "SELECT space, key, value FROM ledger ORDER BY space\(order), key\(order)"
            try? damaged.with(sql) { statement throws(DatabaseError) in
                while try statement.step() {
                    let (space, key) = (statement.string(0), statement.string(1))
                    rows.append(.put(space: space, key: key, value: statement.bytes(2)))
                }
            }
        }
        try? new.transaction { database throws(DatabaseError) in
            for row in rows { try row.write(to: &database) }
        }
    }
}

extension LedgerChange {
    fileprivate var place: Ledger.Place {
        switch self {
        case .put(let space, let key, _), .remove(let space, let key):
            Ledger.Place(space: space, key: key)
        }
    }

    fileprivate func write(to database: inout Database) throws(DatabaseError) {
        switch self {
        case .put(let space, let key, let value):
            let sql = "INSERT OR REPLACE INTO ledger(space, key, value) VALUES(?, ?, ?)"
            try database.with(sql) { statement throws(DatabaseError) in
                try statement.bind(1, space)
                try statement.bind(2, key)
                try statement.bind(3, value)
                try statement.run()
            }
        case .remove(let space, let key):
            let sql = "DELETE FROM ledger WHERE space = ? AND key = ?"
            try database.with(sql) { statement throws(DatabaseError) in
                try statement.bind(1, space)
                try statement.bind(2, key)
                try statement.run()
            }
        }
    }
}
