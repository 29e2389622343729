// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
internal import SQLite

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
    private let queue: DatabaseQueue
    /// Changes that the disk refused, by space and key the last one; used on the queue only.
    private let refused = Lock<[Place: LedgerChange]>([:])

    /// Refused changes kept at most; what is beyond is lost with its `StorageError`.
    private static let maxRefused = 100_000

    fileprivate struct Place: Hashable {
        let space: String
        let key: String
    }

    private static let migrations = [
        """
        CREATE TABLE ledger(
            space TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY(space, key)
        ) WITHOUT ROWID
        """
    ]

    init(path: String) throws(StorageError) {
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
                let sql = "SELECT key, value FROM ledger WHERE space = ? ORDER BY key"
                let found = try database.with(sql) { statement throws(DatabaseError) in
                    var rows: [(key: String, value: [UInt8])] = []
                    try statement.bind(1, space)
                    while try statement.step() {
                        rows.append((statement.string(0), statement.bytes(1)))
                    }
                    return rows
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
            try database.transaction { database throws(DatabaseError) in
                for change in all { try change.write(to: &database) }
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
