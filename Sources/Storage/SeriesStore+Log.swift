// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
internal import SQLite
public import Samples

extension SeriesStore {
    /// Keeps the log from a batch on for somebody who copies samples elsewhere.
    ///
    /// To be called before the first flush, lest that removes what the follower had not got. Returns
    /// the position that counts: the end for one that is new or whose position is beyond it.
    public func follow(as follower: String, after position: Int64?) -> Int64 {
        followers.withLock { followers in
            let start = position.flatMap { $0 <= followers.end ? $0 : nil } ?? followers.end
            followers.add(follower, start)
            if disk == nil { head.withLock { $0.isLogging = true } }
            return start
        }
    }

    /// Forgets a follower.
    public func unfollow(_ follower: String) { followers.withLock { $0.remove(follower) } }

    /// Notes that a follower has no more use for the batches through `number`.
    public func release(_ follower: String, through number: Int64) {
        followers.withLock { $0.release(follower, through: number) }
    }

    /// The number of the last batch that can be read.
    public var logEnd: Int64 { followers.withLock { $0.end } }

    /// The batches after a number, oldest first, until they have `limit` samples; at least one, if
    /// there is one.
    ///
    /// A damaged batch is empty.
    ///
    /// - Throws: `StorageError` where the disk cannot be read.
    public func batches(
        after number: Int64,
        limit: Int
    ) async throws(StorageError) -> [LogBatch] {
        guard let disk else {
            return followers.withLock { $0.batches(after: number, limit: limit) }
        }
        do {
            return try await disk.perform { database throws(DatabaseError) in
                try database.batches(after: number, limit: limit)
            }
        } catch {
            throw StorageError(error, doing: "read the log")
        }
    }

    /// How much there is after a batch.
    ///
    /// - Throws: `StorageError` where the disk cannot be read.
    public func backlog(after number: Int64) async throws(StorageError) -> LogBacklog {
        guard let disk else { return followers.withLock { $0.backlog(after: number) } }
        do {
            return try await disk.perform { database throws(DatabaseError) in
                try database.backlog(after: number)
            }
        } catch {
            throw StorageError(error, doing: "read the log")
        }
    }

    /// The labels of series by number; those that are gone are left out.
    public func labels(of ids: Set<Int64>) -> [Int64: LabelSet] {
        guard !ids.isEmpty else { return [:] }
        return head.withLock { head in
            var found: [Int64: LabelSet] = [:]
            for place in head.series.indices where ids.contains(head.series[place].id) {
                found[head.series[place].id] = head.series[place].labels
            }
            return found
        }
    }
}

extension Database {
    fileprivate mutating func batches(
        after number: Int64,
        limit: Int
    ) throws(DatabaseError) -> [LogBatch] {
        let sql = "SELECT id, bytes, form FROM batch WHERE id > ? ORDER BY id"
        return try with(sql) { rows throws(DatabaseError) in
            var result: [LogBatch] = []
            var count = 0
            try rows.bind(1, number)
            while count < limit, try rows.step() {
                var entries: ContiguousArray<LogBatch.Entry> = []
                _ = LogReader.read(rows.bytes(1), form: rows.int(2)) { entries.append($0) }
                count += entries.count
                result.append(LogBatch(number: rows.int(0), entries: entries))
            }
            return result
        }
    }

    fileprivate mutating func backlog(after number: Int64) throws(DatabaseError) -> LogBacklog {
        let sql =
            "SELECT ifnull(sum(samples), 0), ifnull(sum(length(bytes)), 0) FROM batch WHERE id > ?"
        return try with(sql) { rows throws(DatabaseError) in
            var backlog = LogBacklog()
            try rows.bind(1, number)
            if try rows.step() {
                backlog.samples = Int(rows.int(0))
                backlog.bytes = Int(rows.int(1))
            }
            return backlog
        }
    }
}
