// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CSQLite

/// A prepared statement on loan from its `Database`; arguments count from 1, columns from 0.
@safe public struct Statement: ~Copyable {
    private let handle: OpaquePointer
    private let database: OpaquePointer
    private let sql: String

    init(_ handle: OpaquePointer, of database: OpaquePointer, sql: String) {
        unsafe self.handle = unsafe handle
        unsafe self.database = unsafe database
        self.sql = sql
    }

    /// Runs to the next row; false at the end.
    ///
    /// - Throws: `DatabaseError`.
    public borrowing func step() throws(DatabaseError) -> Bool {
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw failure()
        }
    }

    /// Runs a statement without rows and makes it ready for the next arguments.
    ///
    /// - Throws: `DatabaseError`.
    public borrowing func run() throws(DatabaseError) {
        defer { unsafe sqlite3_reset(handle) }
        while try step() {}
    }

    /// Makes the statement ready for other arguments, before its rows are at an end.
    public borrowing func restart() { unsafe sqlite3_reset(handle) }

    borrowing func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    private borrowing func check(_ code: Int32) throws(DatabaseError) {
        guard code == SQLITE_OK else { throw failure() }
    }

    private borrowing func failure() -> DatabaseError {
        unsafe DatabaseError(of: database, sql: sql)
    }
}

extension Statement {
    /// Gives an argument a whole number.
    ///
    /// - Throws: `DatabaseError` where there is no such argument.
    public borrowing func bind(_ index: Int32, _ value: Int64) throws(DatabaseError) {
        try check(unsafe sqlite3_bind_int64(handle, index, value))
    }

    /// Gives an argument a number.
    ///
    /// - Throws: `DatabaseError` where there is no such argument.
    public borrowing func bind(_ index: Int32, double value: Double) throws(DatabaseError) {
        try check(unsafe sqlite3_bind_double(handle, index, value))
    }

    /// Gives an argument a text, which is copied: a `String`'s bytes do not outlive the call.
    ///
    /// - Throws: `DatabaseError` where there is no such argument.
    public borrowing func bind(_ index: Int32, _ value: String) throws(DatabaseError) {
        var value = value
        let code = value.withUTF8 { utf8 in
            unsafe sqlite3_bind_text64(
                handle,
                index,
                UnsafeRawPointer(utf8.baseAddress)?.assumingMemoryBound(to: CChar.self),
                UInt64(utf8.count),
                transient,
                UInt8(SQLITE_UTF8)
            )
        }
        try check(code)
    }

    /// Gives an argument bytes, which are copied.
    ///
    /// - Throws: `DatabaseError` where there is no such argument.
    public borrowing func bind(_ index: Int32, _ bytes: [UInt8]) throws(DatabaseError) {
        let code = unsafe bytes.withUnsafeBufferPointer { buffer in
            // A nil pointer would bind NULL.
            let start = unsafe UnsafeRawPointer(buffer.baseAddress) ?? UnsafeRawPointer(handle)
            return unsafe sqlite3_bind_blob64(
                handle,
                index,
                start,
                UInt64(buffer.count),
                transient
            )
        }
        try check(code)
    }

    /// Runs `body` with `bytes` bound in place, without a copy; the argument is null afterwards.
    ///
    /// - Throws: `DatabaseError` where there is no such argument, or what `body` throws.
    public borrowing func with<Result>(
        _ bytes: Span<UInt8>,
        at index: Int32,
        _ body: () throws(DatabaseError) -> Result
    ) throws(DatabaseError) -> Result {
        try unsafe bytes.withUnsafeBufferPointer { buffer throws(DatabaseError) in
            let start = unsafe UnsafeRawPointer(buffer.baseAddress) ?? UnsafeRawPointer(handle)
            try check(
                unsafe sqlite3_bind_blob64(handle, index, start, UInt64(buffer.count), nil)
            )
            defer {
                unsafe sqlite3_reset(handle)
                unsafe sqlite3_bind_null(handle, index)
            }
            return try body()
        }
    }
}

extension Statement {
    /// The whole number in a column of the row.
    public borrowing func int(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(handle, column)
    }

    /// The number in a column of the row.
    public borrowing func double(_ column: Int32) -> Double {
        unsafe sqlite3_column_double(handle, column)
    }

    /// Whether a column of the row is null.
    public borrowing func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    /// The text in a column of the row; empty for null.
    public borrowing func string(_ column: Int32) -> String {
        guard let text = unsafe sqlite3_column_text(handle, column) else { return "" }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        let utf8 = unsafe UnsafeBufferPointer(start: text, count: count)
        return unsafe String(decoding: utf8, as: UTF8.self)
    }

    /// A copy of the bytes in a column of the row; empty for null.
    public borrowing func bytes(_ column: Int32) -> [UInt8] {
        withBlob(column) { span in
            unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
        }
    }

    /// Lends a blob's bytes where SQLite keeps them; `step` ends their life, hence the scope.
    public borrowing func withBlob<Result>(
        _ column: Int32,
        _ body: (Span<UInt8>) -> Result
    ) -> Result {
        let start = unsafe sqlite3_column_blob(handle, column)?.assumingMemoryBound(to: UInt8.self)
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        let bytes = unsafe UnsafeBufferPointer(start: start, count: count)
        return body(unsafe bytes.span)
    }
}

/// `SQLITE_TRANSIENT`, a cast of -1 that does not import.
private var transient: sqlite3_destructor_type? {
    unsafe unsafeBitCast(-1, to: sqlite3_destructor_type?.self)
}
