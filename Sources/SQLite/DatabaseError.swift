// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CSQLite

/// Why SQLite refused something.
public struct DatabaseError: Error, Sendable, CustomStringConvertible {
    /// The primary result code, such as 13 (`SQLITE_FULL`).
    public let code: Int32
    /// The extended result code, such as 266 (`SQLITE_IOERR_READ`).
    public let extendedCode: Int32
    /// SQLite's own words.
    public let message: String
    /// What was tried: a statement, or `open PATH`.
    public let sql: String

    /// Whether the disk is full; the same connection works again when there is room.
    public var isFull: Bool { code == SQLITE_FULL }

    /// Whether another connection held the file for too long.
    public var isBusy: Bool { code == SQLITE_BUSY }

    /// Whether a row with that key is there already; the transaction may go on.
    public var isConflict: Bool { code == SQLITE_CONSTRAINT }

    /// Whether the file is damaged, so that opening it again does not help.
    public var isDamaged: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }

    /// Whether the file, or its directory, cannot be opened.
    public var isUnavailable: Bool { code == SQLITE_CANTOPEN || code == SQLITE_READONLY }

    /// Whether the file's schema is newer than the program.
    public var isNewerSchema: Bool { code == SQLITE_MISMATCH && sql == Self.versionQuery }

    /// SQLite's words, the extended code and the statement.
    public var description: String { "\(message) (\(extendedCode)): \(sql)" }

    /// The error of a file whose damage was seen by another connection.
    public static func damaged(_ path: String) -> DatabaseError {
        DatabaseError(
            code: SQLITE_CORRUPT,
            extendedCode: SQLITE_CORRUPT,
            message: "a reader met damage",
            sql: path
        )
    }

    static let versionQuery = "PRAGMA user_version"
}

extension DatabaseError {
    /// Takes the last error of a connection.
    init(of handle: OpaquePointer, sql: String) {
        code = unsafe sqlite3_errcode(handle) & 0xFF
        extendedCode = unsafe sqlite3_extended_errcode(handle)
        message = unsafe String(cString: sqlite3_errmsg(handle))
        self.sql = sql
    }
}
