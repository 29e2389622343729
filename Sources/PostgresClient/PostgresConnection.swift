// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CPostgres
internal import EventIO
internal import Glibc

/// One connection to a PostgreSQL server; owns a `PGconn` and frees it.
///
/// It lives as a local value in the task that polls the server, so two queries cannot overlap. All
/// calls are non-blocking.
@safe public struct PostgresConnection: ~Copyable {
    private let handle: OpaquePointer
    private let readiness = Readiness()
    private let usesSimpleProtocol: Bool

    private init(taking handle: OpaquePointer, usesSimpleProtocol: Bool) {
        unsafe self.handle = handle
        self.usesSimpleProtocol = usesSimpleProtocol
    }

    deinit { unsafe PQfinish(handle) }

    /// Connects and logs in.
    ///
    /// The C functions are `PQconnectStartParams` and `PQconnectPoll`.
    ///
    /// - Throws: each reason but `permission`.
    public static func connect(
        to address: PostgresAddress,
        before deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> PostgresConnection {
        let keywords = try await address.keywords(before: deadline)
        guard let handle = unsafe start(keywords) else {
            throw PostgresError(.unsupported, "connect: out of memory", endsConnection: true)
        }
        let connection = unsafe PostgresConnection(
            taking: handle,
            usesSimpleProtocol: address.usesSimpleProtocol
        )
        // Verbose messages carry the SQLSTATE, which a failed connection gives no other way.
        unsafe PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        try await connection.establish(before: deadline)
        unsafe PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        unsafe PQsetnonblocking(handle, 1)
        // Notices would go to standard error.
        unsafe PQsetNoticeReceiver(handle, { _, _ in }, nil)
        return connection
    }

    /// The server's version as in `150002`; the bouncer's own where it is one.
    public var serverVersion: Int { Int(unsafe PQserverVersion(handle)) }

    /// A setting that the server reports by itself, such as `server_version` or `in_hot_standby`.
    public func parameter(_ name: String) -> String? {
        unsafe PQparameterStatus(handle, name).map { unsafe String(cString: $0) }
    }

    /// Sets the session's limits: how long a statement and a wait for a lock may take, and that
    /// nothing is written.
    ///
    /// - Throws: see `query`.
    public mutating func setLimits(
        statement: Duration,
        lock: Duration,
        before deadline: ContinuousClock.Instant
    ) async throws(PostgresError) {
        func ms(_ duration: Duration) -> Int64 {
            let parts = duration.components
            return max(1, parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000)
        }
        let sql = """
            select set_config('statement_timeout', '\(ms(statement))', false),
            set_config('lock_timeout', '\(ms(lock))', false),
            set_config('default_transaction_read_only', 'on', false)
            """
        _ = try await query(sql, before: deadline)
    }

    /// Runs one statement and returns its rows.
    ///
    /// The C functions are `PQsendQueryParams` (`PQsendQuery` in the simple protocol),
    /// `PQsetSingleRowMode`, `PQconsumeInput` and `PQgetResult`.
    ///
    /// - Throws: the server's errors with their SQLSTATE; where `endsConnection` is set, and
    ///   always after `timeout` without a SQLSTATE, the connection must be dropped.
    public mutating func query(
        _ sql: String,
        limits: QueryLimits = .standard,
        before deadline: ContinuousClock.Instant
    ) async throws(PostgresError) -> QueryResult {
        let isSent =
            usesSimpleProtocol
            ? unsafe PQsendQuery(handle, sql)
            : unsafe PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, 0)
        guard isSent == 1 else { throw lastError() }
        unsafe PQsetSingleRowMode(handle)
        do {
            while true {
                let state = unsafe PQflush(handle)
                guard state >= 0 else { throw lastError() }
                guard state == 1 else { break }
                try await readiness.writable(unsafe PQsocket(handle), before: deadline)
            }
            return try await receive(limits, before: deadline)
        } catch { throw Self.translated(error, "query: no answer in time") }
    }

    private static func start(_ keywords: [(String, String)]) -> OpaquePointer? {
        func copies(_ texts: [String]) -> [UnsafePointer<CChar>?] {
            unsafe texts.map { text in
                let copy = unsafe strdup(text)
                return unsafe UnsafePointer(copy)
            } + [nil]
        }
        let names = unsafe copies(keywords.map(\.0))
        let values = unsafe copies(keywords.map(\.1))
        defer {
            for index in keywords.indices {
                unsafe free(UnsafeMutableRawPointer(mutating: names[index]))
                unsafe free(UnsafeMutableRawPointer(mutating: values[index]))
            }
        }
        return unsafe PQconnectStartParams(names, values, 0)
    }

    private func establish(before deadline: ContinuousClock.Instant) async throws(PostgresError) {
        guard unsafe PQstatus(handle) != CONNECTION_BAD else { throw connectError() }
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            do {
                // The socket changes when libpq goes on to the next address.
                if state == PGRES_POLLING_WRITING {
                    try await readiness.writable(unsafe PQsocket(handle), before: deadline)
                } else {
                    try await readiness.readable(unsafe PQsocket(handle), before: deadline)
                }
            } catch { throw Self.translated(error, "connect: no answer in time") }
            state = unsafe PQconnectPoll(handle)
            guard state != PGRES_POLLING_FAILED else { throw connectError() }
        }
    }

    private func receive(
        _ limits: QueryLimits,
        before deadline: ContinuousClock.Instant
    ) async throws -> QueryResult {
        var result = QueryResult()
        var failure: PostgresError?
        var received = 0
        while true {
            while unsafe PQisBusy(handle) == 1 {
                let socket = unsafe PQsocket(handle)
                try await readiness.readable(socket, before: deadline)
                received += Self.pendingBytes(socket)
                guard received <= limits.bytes else {
                    let message = "query: the answer exceeds \(limits.bytes) bytes"
                    throw PostgresError(.protocol, message, endsConnection: true)
                }
                guard unsafe PQconsumeInput(handle) == 1 else { throw lastError() }
            }
            guard let piece = unsafe PQgetResult(handle) else { break }
            defer { unsafe PQclear(piece) }
            if let error = unsafe Self.take(piece, limits.rows, into: &result) { failure = error }
            // Nothing here copies; a COPY would make PQgetResult give the same piece for ever.
            guard failure?.endsConnection != true else { break }
        }
        if let failure { throw failure }
        return result
    }

    /// Adds the rows of a piece; returns the error that it carries instead.
    private static func take(
        _ piece: OpaquePointer,
        _ limit: Int,
        into result: inout QueryResult
    ) -> PostgresError? {
        switch unsafe PQresultStatus(piece) {
        case PGRES_SINGLE_TUPLE, PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            return PostgresError(.unsupported, "query: it copies", endsConnection: true)
        default:
            let state = unsafe PQresultErrorField(piece, Int32(UInt8(ascii: "C")))
            return PostgresError.querying(
                unsafe String(cString: PQresultErrorMessage(piece)),
                sqlState: unsafe state.map { unsafe String(cString: $0) }
            )
        }
        let width = unsafe PQnfields(piece)
        if result.columns.isEmpty {
            result.columns = (0..<width).map { unsafe String(cString: PQfname(piece, $0)) }
        }
        for row in 0..<(unsafe PQntuples(piece)) {
            guard result.rows.count < limit else {
                result.isTruncated = true
                break
            }
            result.rows.append(
                (0..<width).map { column in
                    unsafe PQgetisnull(piece, row, column) == 1
                        ? nil : String(cString: PQgetvalue(piece, row, column))
                }
            )
        }
        return nil
    }

    private static func pendingBytes(_ socket: Int32) -> Int {
        var count: Int32 = 0
        return unsafe ioctl(socket, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    private static func translated(_ error: any Error, _ message: String) -> PostgresError {
        if let error = error as? PostgresError { return error }
        // Only a deadline and a cancellation are left; either leaves an answer on its way.
        return PostgresError(.timeout, message, endsConnection: true)
    }

    private func connectError() -> PostgresError {
        PostgresError.connecting(
            unsafe String(cString: PQerrorMessage(handle)),
            needsPassword: unsafe PQconnectionNeedsPassword(handle) == 1
        )
    }

    private func lastError() -> PostgresError {
        PostgresError.querying(unsafe String(cString: PQerrorMessage(handle)), sqlState: nil)
    }
}
