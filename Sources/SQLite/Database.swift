// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CSQLite
internal import Locking

/// One connection to a SQLite file; owns a `sqlite3` and frees it.
///
/// It is not to be used from two threads at once: it is opened with `SQLITE_OPEN_NOMUTEX` and kept
/// by one owner, which the compiler proves as the type cannot be copied. Statements are prepared
/// once and kept until the end.
@safe public struct Database: ~Copyable {
    /// What a connection may do.
    public enum Access: Sendable {
        /// Reads and writes; the file is made where it is missing.
        case readWrite
        /// Only reads.
        case readOnly
        /// Only reads what can be read of a damaged file, one that was cut short included.
        case salvage
    }

    /// When a commit has reached the disk.
    public enum Synchronous: String, Sendable {
        /// A crash of the process loses nothing; a loss of power may lose the last commits.
        case normal = "NORMAL"
        /// Nothing is lost, at about 250 us a commit.
        case full = "FULL"
    }

    @safe private struct Prepared {
        let handle: OpaquePointer
    }

    private let handle: OpaquePointer
    private var cache: [String: Prepared] = [:]

    /// Opens or makes a file; `:memory:` keeps nothing.
    ///
    /// A factory, as an initialiser of a type that owns something cannot throw half-way. A damaged
    /// file is found here or at the first statement that touches the damage.
    ///
    /// - Throws: `DatabaseError`.
    public static func open(
        path: String,
        access: Access = .readWrite,
        synchronous: Synchronous = .full,
        busyTimeoutMs: Int32 = 5_000
    ) throws(DatabaseError) -> Database {
        do throws(DatabaseError) {
            return try open(path, access, synchronous, busyTimeoutMs)
        } catch  where error.isFull && access == .readWrite {
            // The index of the log has no room beside it; in memory it has, for us alone.
            cramped.withLock { _ = $0.insert(path) }
            return try open(path, access, synchronous, busyTimeoutMs)
        }
    }

    /// Files whose log's index is in memory, as they were opened on a full disk.
    private static let cramped = Lock<Set<String>>([])

    private static let incremental: Int64 = 2

    private static func open(
        _ path: String,
        _ access: Access,
        _ synchronous: Synchronous,
        _ busyTimeoutMs: Int32
    ) throws(DatabaseError) -> Database {
        var database = unsafe Database(taking: try opened(path, access))
        unsafe sqlite3_busy_timeout(database.handle, busyTimeoutMs)
        database.keepLogFiles()
        // Else a file that has fewer pages than it says is refused as a whole.
        if access == .salvage { try database.execute("PRAGMA writable_schema = ON") }
        if access == .readWrite {
            // Only counts in a new file, and before anything is written to it; to set it writes.
            if try database.integer("PRAGMA auto_vacuum") != incremental {
                try database.execute("PRAGMA auto_vacuum = INCREMENTAL")
            }
            try database.execute("PRAGMA journal_mode = WAL")
            try database.execute("PRAGMA synchronous = \(synchronous.rawValue)")
            try database.execute("PRAGMA foreign_keys = ON")
            // After a large transaction the log beside the file goes back to what it mostly needs.
            try database.execute("PRAGMA journal_size_limit = 4194304")
        }
        return database
    }

    private init(taking handle: OpaquePointer) { unsafe self.handle = unsafe handle }

    private static func opened(
        _ path: String,
        _ access: Access
    ) throws(DatabaseError) -> OpaquePointer {
        var opened: OpaquePointer?
        let mode =
            access == .readWrite
            ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        let flags = mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let isCramped = cramped.withLock { $0.contains(path) }
        let system = isCramped ? "unix-excl" : nil
        let code = unsafe sqlite3_open_v2(path, &opened, flags, system)
        guard code == SQLITE_OK, let database = unsafe opened else {
            let message = unsafe String(cString: sqlite3_errstr(code))
            unsafe sqlite3_close_v2(opened)
            throw DatabaseError(
                code: code & 0xFF,
                extendedCode: code,
                message: message,
                sql: "open \(path)"
            )
        }
        return unsafe database
    }

    deinit {
        for statement in cache.values { unsafe sqlite3_finalize(statement.handle) }
        unsafe sqlite3_close_v2(handle)
    }

    /// Runs statements without arguments and drops their rows.
    ///
    /// - Throws: `DatabaseError` of the first that fails; those before it have happened.
    public borrowing func execute(_ sql: String) throws(DatabaseError) {
        guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw failure(sql)
        }
    }

    /// Lends the statement of `sql`, prepared once and reset at the end of `body`.
    ///
    /// - Throws: `DatabaseError` of the preparation, or what `body` throws.
    public mutating func with<Result>(
        _ sql: String,
        _ body: (borrowing Statement) throws(DatabaseError) -> Result
    ) throws(DatabaseError) -> Result {
        let statement = unsafe try Statement(prepared(sql), of: handle, sql: sql)
        defer { statement.reset() }
        return try body(statement)
    }

    /// Commits what `body` did, or rolls it back when it throws.
    ///
    /// - Throws: `DatabaseError` of `body` or of the commit.
    public mutating func transaction<Result>(
        _ body: (inout Database) throws(DatabaseError) -> Result
    ) throws(DatabaseError) -> Result {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body(&self)
            try execute("COMMIT")
            return result
        } catch {
            // A full disk and some I/O errors roll back by themselves; COMMIT may fail with BUSY.
            if unsafe sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    private mutating func prepared(_ sql: String) throws(DatabaseError) -> OpaquePointer {
        if let statement = cache[sql] { return unsafe statement.handle }
        var statement: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        guard unsafe sqlite3_prepare_v3(handle, sql, -1, flags, &statement, nil) == SQLITE_OK,
            let prepared = unsafe statement
        else { throw failure(sql) }
        cache[sql] = unsafe Prepared(handle: prepared)
        return unsafe prepared
    }

    private borrowing func failure(_ sql: String) -> DatabaseError {
        unsafe DatabaseError(of: handle, sql: sql)
    }
}

extension Database {
    /// Brings the schema to the last of `migrations`, each in its own transaction.
    ///
    /// - Throws: `DatabaseError`; `isNewerSchema` where the file is newer than the program.
    public mutating func migrate(_ migrations: [String]) throws(DatabaseError) {
        let current = try Int(integer(DatabaseError.versionQuery))
        guard current <= migrations.count else {
            throw DatabaseError(
                code: SQLITE_MISMATCH,
                extendedCode: SQLITE_MISMATCH,
                message: "the schema has version \(current), newer than this program's"
                    + " \(migrations.count)",
                sql: DatabaseError.versionQuery
            )
        }
        for (index, sql) in migrations.enumerated().dropFirst(current) {
            try transaction { database throws(DatabaseError) in
                try database.execute(sql)
                try database.execute("PRAGMA user_version = \(index + 1)")
            }
        }
    }

    /// The first column of the first row of `sql`; 0 where there is no row.
    ///
    /// - Throws: `DatabaseError`.
    public mutating func integer(_ sql: String) throws(DatabaseError) -> Int64 {
        try with(sql) { statement throws(DatabaseError) in
            try statement.step() ? statement.int(0) : 0
        }
    }

    /// Bytes of the pages in use; free pages, and the log beside the file, are not counted.
    ///
    /// - Throws: `DatabaseError`.
    public mutating func usedBytes() throws(DatabaseError) -> Int64 {
        let pages = try integer("PRAGMA page_count") - integer("PRAGMA freelist_count")
        return try pages * integer("PRAGMA page_size")
    }

    /// Moves the log's pages into the file and cuts the log; returns pages in the log and moved.
    ///
    /// - Throws: `DatabaseError`; `isFull` where the file cannot grow.
    @discardableResult
    public borrowing func checkpoint() throws(DatabaseError) -> (log: Int32, moved: Int32) {
        var log: Int32 = 0
        var moved: Int32 = 0
        let mode = SQLITE_CHECKPOINT_TRUNCATE
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, mode, &log, &moved)
        guard code == SQLITE_OK else { throw failure("checkpoint") }
        return (log, moved)
    }
}

extension Database {
    /// Leaves the log and its index beside the file when it is closed.
    ///
    /// They need room to be made: without them a database could not be opened on a full disk. And a
    /// connection whose file was taken away would remove those of the file in its place.
    ///
    /// Source: `SQLITE_FCNTL_PERSIST_WAL`.
    fileprivate borrowing func keepLogFiles() {
        var isOn: Int32 = 1
        unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &isOn)
    }

    /// Writes the whole database to a path from which its file was taken away, and goes on there.
    ///
    /// Another file that is there now is set aside.
    ///
    /// - Throws: `DatabaseError`; the connection is the old one then.
    public mutating func rewrite(
        to path: String,
        synchronous: Synchronous
    ) throws(DatabaseError) {
        if let end = path.lastIndex(of: "/") {
            _ = DatabaseFiles.makeDirectory(String(path[..<end]))
        }
        if DatabaseFiles.exists(path) { _ = DatabaseFiles.setAside(path) }
        DatabaseFiles.remove(path)
        let quoted = path.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "''")
        try execute("VACUUM INTO '\(quoted)'")
        self = try Database.open(path: path, synchronous: synchronous)
    }

    /// Whether the file was removed, renamed or replaced since it was opened, so that what is written
    /// will be lost.
    ///
    /// Source: `SQLITE_FCNTL_HAS_MOVED`.
    public var hasMoved: Bool {
        var hasMoved: Int32 = 0
        unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved)
        return hasMoved != 0
    }
}
