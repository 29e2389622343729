// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The rows that a query gave, in the server's text format.
public struct QueryResult: Sendable, Hashable {
    /// The columns' names.
    public internal(set) var columns: [String] = []
    /// The rows; a null is nil.
    public internal(set) var rows: [[String?]] = []
    /// Whether rows were left out because of the limit.
    public internal(set) var isTruncated = false

    /// Makes a result, for tests and for parts of others.
    public init(columns: [String] = [], rows: [[String?]] = []) {
        self.columns = columns
        self.rows = rows
    }

    /// The position of a column; nil where there is none of that name.
    public func index(of column: String) -> Int? { columns.firstIndex(of: column) }
}

/// What one answer may cost at most, because a server may be hostile.
public struct QueryLimits: Sendable, Hashable {
    /// Rows kept; the rest is read and left out.
    public var rows: Int
    /// Bytes read from the connection for one answer.
    public var bytes: Int

    /// 20,000 rows and 32 MiB: far above any catalogue, far below the daemon's memory.
    public static let standard = QueryLimits(rows: 20_000, bytes: 32 << 20)

    /// Makes limits.
    public init(rows: Int, bytes: Int) {
        self.rows = rows
        self.bytes = bytes
    }
}
