// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
internal import Logging
internal import SQLite
internal import Samples

extension SeriesStore {
    /// Flushes twice a second until its task is cancelled, and then once more.
    ///
    /// A sample that just missed a flush is on disk when the next has ended: half a second is left for
    /// that, as a crash is to lose the last second at most. Each minute of the samples' time it also
    /// ends old chunks, lets memory go of what is on disk, and removes what is older than the
    /// retention. After a flush that failed it waits twenty times as long. Beside that it brings back
    /// what memory held before a start.
    public func run(
        every interval: Duration = .milliseconds(500),
        clock: some Clock<Duration> = ContinuousClock()
    ) async {
        async let warming: Void = warmUp()
        while !Task.isCancelled {
            let next = clock.now.advanced(by: interval)
            await flush()
            let time = isFailed ? clock.now.advanced(by: interval * 20) : next
            try? await clock.sleep(until: time, tolerance: nil)
        }
        await warming
        await flush()
    }

    /// Makes everything durable that was appended so far.
    ///
    /// Where the disk refuses it, everything is kept in memory for the next flush, and
    /// `nightjar_storage_failed` is 1 until one succeeds.
    public func flush() async {
        guard let disk else { return packMemory() }
        _ = try? await disk.perform { database in self.flush(to: &database, of: disk) }
    }

    /// Makes everything durable and tidies the files; nothing may be appended afterwards.
    public func close() async {
        await flush()
        _ = try? await disk?.perform { database throws(DatabaseError) in try database.checkpoint() }
    }

    /// Does what a flush does where memory is all there is.
    private func packMemory() {
        var work = head.withLock { $0.takeWork() }
        work.pack()
        head.withLock { $0.finish(work, onDisk: false) }
        followers.withLock { $0.keep(work.log) }
    }

    private func flush(to database: inout Database, of disk: SampleDisk) {
        let start = ContinuousClock.now
        let released = followers.withLock { $0.released }
        var (work, isTidying, now) = head.withLock { head in
            let isTidying = head.isTidyingDue()
            if isTidying { head.sealOld() }
            return (head.takeWork(), isTidying, head.now)
        }
        work.released = released
        work.pack()
        do throws(DatabaseError) {
            try commit(work, to: &database, of: disk)
            try bringBack(&database, now: now)
            try compact(&database, work, now)
            if isTidying { try tidy(&database, now) }
            setFailed(nil)
        } catch {
            setFailed(error)
            if error.isDamaged { replace(&database, of: disk) }
        }
        // Also where the disk refuses everything: what memory may keep has an end.
        if isTidying { tidyMemory(now) }
        meters.flushed(in: .now - start)
    }

    /// Writes the work; takes it back where the disk refuses it.
    private func commit(
        _ work: FlushWork,
        to database: inout Database,
        of disk: SampleDisk
    ) throws(DatabaseError) {
        do throws(DatabaseError) {
            if needsReplacement { throw DatabaseError.damaged(disk.path) }
            try rewriteIfMoved(&database, of: disk)
            if !work.isEmpty {
                try database.transaction { database throws(DatabaseError) in
                    try work.write(to: &database)
                }
            }
        } catch {
            head.withLock { $0.restore(work) }
            throw error
        }
        head.withLock { $0.finish(work) }
        if work.log.samples.count > 0 { followers.withLock { $0.end = work.log.number } }
    }

    /// Joins some chunks of periods that are over.
    private func compact(
        _ database: inout Database,
        _ work: FlushWork,
        _ now: Int64
    ) throws(DatabaseError) {
        var state = compaction.withLock { $0 }
        state.note(work.runs)
        defer { compaction.withLock { $0 = state } }
        // What memory has is left in the pieces that a start brings back as they are.
        guard now != .min else { return }
        try state.slice(&database, endedBefore: now &- options.memoryWindow.milliseconds)
    }

    /// Removes what is too old or too much on disk.
    private func tidy(_ database: inout Database, _ now: Int64) throws(DatabaseError) {
        let retained = now &- options.retention.milliseconds
        var emptyBefore = try database.removeChunks(endedBefore: retained)
        if let limit = options.maxBytes {
            // What only followers need would else drive out the history.
            let others = try database.followedBytes()
            while try database.usedBytes() - others > limit,
                let end = try database.removeOldestPeriod()
            {
                emptyBefore = max(emptyBefore, end)
            }
        }
        try database.execute("PRAGMA incremental_vacuum(2000)")
        meters.tidied(diskBytes: try database.usedBytes())
        head.withLock { $0.forget(before: emptyBefore) }
    }

    /// Lets memory go of what is on disk, or has waited for it too long, and of series that are over.
    private func tidyMemory(_ now: Int64) {
        let window = options.memoryWindow.milliseconds
        let (lost, bytes, oldest) = head.withLock { head in
            let lost = head.dropSaved(before: now &- window, unsavedBefore: now &- 2 &* window)
            head.removeSeries(endedBefore: now &- options.retention.milliseconds)
            return (lost, head.byteCount, head.oldestTime)
        }
        meters.tidied(memoryBytes: bytes, lost: lost, oldest: oldest)
    }

    /// Whether the last flush failed.
    var isFailed: Bool { failure.withLock { $0 } != nil }

    private var needsReplacement: Bool { isDamaged.withLock { $0 } }

    private func setFailed(_ error: DatabaseError?) {
        let before = failure.withLock { failure in
            defer { failure = error?.description }
            return failure
        }
        meters.faults.setFailed(error != nil)
        if let error, before == nil {
            log?(.warning, "samples stay in memory, the disk takes none", [Field("error", error)])
        } else if error == nil, before != nil {
            log?(.info, "the disk takes samples again")
        }
    }
}

extension Database {
    /// Removes the periods whose chunks all ended before `time`; returns where the rest begins.
    fileprivate mutating func removeChunks(endedBefore time: Int64) throws(DatabaseError) -> Int64 {
        // A chunk that begins at a period's end may reach beyond it.
        let first = ChunkKey.period(of: time &- Series.spanMs)
        try removePeriods(before: first)
        return first &* ChunkKey.periodMs
    }

    /// Bytes of the log that only its followers need.
    fileprivate mutating func followedBytes() throws(DatabaseError) -> Int64 {
        try integer(
            """
            SELECT ifnull(sum(length(bytes)), 0) FROM batch
            WHERE id < (SELECT value FROM mark WHERE name = 'needed')
            """
        )
    }

    /// Removes the oldest period, but never the last; returns where the rest begins.
    fileprivate mutating func removeOldestPeriod() throws(DatabaseError) -> Int64? {
        guard let oldest = try oldestPeriod(),
            try oldest < ChunkKey(rawValue: integer("SELECT max(key) FROM chunk")).period
        else { return nil }
        try removePeriods(before: oldest + 1)
        return (oldest + 1) * ChunkKey.periodMs
    }

    private mutating func removePeriods(before period: Int64) throws(DatabaseError) {
        try with("DELETE FROM chunk WHERE key < ?") { statement throws(DatabaseError) in
            try statement.bind(1, ChunkKey(period: period).rawValue)
            try statement.run()
        }
        try with("DELETE FROM dirty WHERE period < ?") { statement throws(DatabaseError) in
            try statement.bind(1, period)
            try statement.run()
        }
    }

    /// The period of the oldest chunk; nil where there is none.
    mutating func oldestPeriod() throws(DatabaseError) -> Int64? {
        let sql = "SELECT key FROM chunk ORDER BY key LIMIT 1"
        return try with(sql) { statement throws(DatabaseError) in
            try statement.step() ? ChunkKey(rawValue: statement.int(0)).period : nil
        }
    }
}
