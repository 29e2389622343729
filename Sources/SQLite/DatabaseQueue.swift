// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO

/// One database on one queue of its own, so that no thread of the cooperative pool waits for a disk.
///
/// It protects the connection; a call costs about 24 us.
public actor DatabaseQueue {
    private let executor: QueueExecutor
    private var database: Database

    /// The queue that the database's calls run on.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Opens or makes a file, and brings its schema to the last of `migrations`.
    ///
    /// - Throws: `DatabaseError`; `isNewerSchema` where the file is newer than the program.
    public init(
        path: String,
        synchronous: Database.Synchronous,
        migrations: [String]
    ) throws(DatabaseError) {
        executor = QueueExecutor(label: "database")
        var database = try Database.open(path: path, synchronous: synchronous)
        try database.migrate(migrations)
        self.database = database
    }

    /// Runs `body` on the queue; it cannot await.
    ///
    /// - Throws: what `body` throws.
    public func perform<Result: Sendable>(
        _ body: @Sendable (inout Database) throws(DatabaseError) -> Result
    ) throws(DatabaseError) -> Result {
        try body(&database)
    }
}
