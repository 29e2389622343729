// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
internal import SQLite
internal import Samples

extension SeriesStore {
    /// Brings back from disk what memory held before the process ended, a few series at a time.
    ///
    /// A start only knows which series there are and what their open chunks have, so that it serves at
    /// once; until their turn comes, series are read from disk where a query needs them. Each slice is
    /// a call on the disk's queue, where flushes come between, and nothing that drops or replaces
    /// chunks can: what is read is still what memory lacks when it is put there.
    func warmUp() async {
        guard let disk else { return }
        meters.setWarming(true)
        defer { meters.setWarming(false) }
        let window = options.memoryWindow.milliseconds
        let recent = head.withLock { $0.newestTime.map { $0 &- window } }
        var next: Int? = recent == nil ? nil : 0
        while let start = next, let recent, !Task.isCancelled {
            let slice = try? await disk.perform { database in
                self.warm(WarmSlice(from: start, recent: recent), &database)
            }
            next = slice ?? nil
        }
    }

    /// Returns where the next slice begins; nil at the end.
    private func warm(_ slice: WarmSlice, _ database: inout Database) -> Int? {
        let (lacking, next) = head.withLock { slice.lacking(of: $0) }
        do throws(DatabaseError) {
            let (runs, damaged) = try database.read(lacking)
            meters.faults.damaged(chunks: damaged)
            head.withLock { head in
                for run in runs { head.warm(run, recent: slice.recent) }
            }
            return next
        } catch {
            // Queries read the disk themselves and tell what they meet.
            if error.isDamaged { isDamaged.withLock { $0 = true } }
            return nil
        }
    }
}

/// What memory lacks of one series, and what the disk had of that.
struct WarmRun: Sendable {
    let place: SeriesRef
    let id: Int64
    /// The time to begin at.
    let start: Int64
    /// What memory has begins here.
    let end: Int64
    /// Packed, oldest first.
    fileprivate(set) var chunks: ContiguousArray<Chunk> = []
    /// The bits of the last value.
    fileprivate(set) var lastValueBits: UInt64 = 0
}

/// Some series that follow each other in the head.
private struct WarmSlice: Sendable {
    let from: Int
    /// The time from which on memory has everything.
    let recent: Int64

    /// Series that a slice reads at most, in a few milliseconds.
    private static let maxSeries = 256
    /// Series that it looks at, which takes less than reading one.
    private static let maxPlaces = 10_000

    init(from start: Int, recent: Int64) {
        from = start
        self.recent = recent
    }

    /// The series that need reading, and where the next slice begins.
    func lacking(of head: borrowing Head) -> (runs: [WarmRun], next: Int?) {
        var runs: [WarmRun] = []
        var place = from
        let end = min(head.series.count, from + Self.maxPlaces)
        while place < end, runs.count < Self.maxSeries {
            let start = max(
                head.series[place].firstTime,
                head.series[place].windowStart(recent)
            )
            let memoryStart = head.series[place].memoryStart
            if head.series[place].isOnDisk, start < memoryStart {
                let id = head.series[place].id
                runs.append(
                    WarmRun(place: SeriesRef(place), id: id, start: start, end: memoryStart)
                )
            }
            place += 1
        }
        return (runs, place < head.series.count ? place : nil)
    }
}

extension Database {
    /// Reads what is lacking; returns it and how many chunks were damaged.
    fileprivate mutating func read(
        _ lacking: [WarmRun]
    ) throws(DatabaseError) -> (runs: [WarmRun], damaged: Int) {
        guard !lacking.isEmpty else { return ([], 0) }
        var damaged = 0
        var runs = lacking
        let latest = runs.reduce(Int64.min) { max($0, $1.end &- 1) }
        let periods = try periods(through: latest)
        for run in runs.indices {
            var chunks: ContiguousArray<Chunk> = []
            try eachChunk(of: runs[run].id, runs[run].start, runs[run].end &- 1, periods) { chunk in
                if let chunk { chunks.append(chunk) } else { damaged += 1 }
            }
            runs[run].take(chunks)
        }
        return (runs, damaged)
    }
}

extension WarmRun {
    /// Takes what the disk has, in the form and the sizes that memory wants.
    fileprivate mutating func take(_ found: ContiguousArray<Chunk>) {
        for chunk in found where chunk.lastTime >= start {
            if chunk.form == .packed, chunk.count <= Chunk.capacity, chunk.lastTime < end {
                chunks.append(chunk)
                continue
            }
            var samples = SeriesSamples(labels: .empty)
            _ = chunk.decode(from: start, through: end &- 1, into: &samples)
            chunks += ContiguousArray(pieces: samples)
        }
        guard let last = chunks.last else { return }
        var samples = SeriesSamples(labels: .empty)
        _ = last.decode(from: last.lastTime, through: last.lastTime, into: &samples)
        lastValueBits = samples.values.last?.bitPattern ?? 0
    }
}

extension Head {
    /// The time of the newest append, or of the newest sample where there was none yet.
    fileprivate var newestTime: Int64? {
        let newest = series.reduce(now) { max($0, $1.lastTime) }
        return newest == .min ? nil : newest
    }

    fileprivate mutating func warm(_ run: WarmRun, recent: Int64) {
        guard series[Int(run.place)].id == run.id, let last = run.chunks.last else { return }
        if last.lastTime == series[Int(run.place)].lastTime {
            series[Int(run.place)].learnLast(run.lastValueBits)
        }
        // An ended series is not asked for by what looks at its end.
        if series[Int(run.place)].isEnded, last.lastTime < recent { return }
        series[Int(run.place)].warm(run.chunks)
    }
}
