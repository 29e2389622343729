// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SQLite
internal import Samples

/// A damaged database that was set aside, and how far its history was brought into the one begun
/// after it.
///
/// It goes from the newest rows to the oldest. Of a series only what is older than all that it has
/// is taken, so that nothing comes twice, whatever memory wrote anew and wherever a start goes on.
/// To be used on the disk's queue only.
final class Salvage {
    /// A chunk that could be read.
    struct Row {
        let id: Int64
        let chunk: Chunk
    }

    /// The damaged file.
    let path: String
    /// Chunks brought over so far.
    var count = 0
    private var database: Database
    private var rows: DamagedRows
    /// The series that can get samples back, by number.
    private let places: [Int64: SeriesRef]

    /// Rows that are read at once.
    private static let sliceRows = 500

    /// Opens a damaged file; nil where it cannot be.
    init?(path: String, for head: borrowing Head) {
        guard let opened = try? Database.open(path: path, access: .salvage) else { return nil }
        self.path = path
        database = opened
        places = head.placesByID
        let ids = places.keys.sorted()
        let latest = head.series.reduce(database.latestBound) { max($0, $1.lastTime) }
        let newest = ChunkKey.period(of: latest)
        // Without any time to begin from, the way past damage is felt for.
        let step: (@Sendable (Int64) -> Int64?)? = { place in
            let key = ChunkKey(rawValue: place)
            return key.period > newest ? ChunkKey(period: newest + 1).rawValue - 1 : key.before(ids)
        }
        rows = DamagedRows(
            table: "chunk",
            key: "key",
            columns: ["bytes"],
            step: latest == .min ? nil : step
        )
    }

    /// Whether there is nothing left that is not older than `oldest`.
    func isDone(since oldest: Int64) -> Bool {
        guard let next = rows.next else { return true }
        return ChunkKey(rawValue: next).period < ChunkKey.period(of: oldest)
    }

    /// Reads some rows.
    func read() -> [Row] {
        var found: [Row] = []
        rows.read(Self.sliceRows, from: &database) { row in
            let key = ChunkKey(rawValue: row.int(0))
            if let chunk = row.chunk(1, key) { found.append(Row(id: key.series, chunk: chunk)) }
        }
        return found
    }

    /// What the head's series lack of the rows.
    func lacking(_ rows: [Row], of head: borrowing Head) -> [SalvagedRun] {
        var runs: [Int64: SalvagedRun] = [:]
        for row in rows {
            guard let place = places[row.id], head.series[Int(place)].id == row.id else { continue }
            var run =
                runs.removeValue(forKey: row.id) ?? SalvagedRun(head.series[Int(place)], at: place)
            run.add(row.chunk)
            runs[row.id] = run
        }
        return runs.values.filter { !$0.chunks.isEmpty }.sorted { $0.id < $1.id }
    }
}

extension ChunkKey {
    /// A key below this one that a chunk of one of the series may have, some slots away at most.
    fileprivate func before(_ ids: [Int64]) -> Int64? {
        guard let least = ids.first else { return nil }
        let start = ChunkKey(series: series, period: period).rawValue
        if rawValue > start { return max(start, rawValue - Self.someSlots) }
        guard series > least else { return ChunkKey(period: period).rawValue - 1 }
        var (low, high) = (0, ids.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if ids[middle] < series { low = middle } else { high = middle }
        }
        return ChunkKey(series: ids[low] + 1, period: period).rawValue - 1
    }

    /// Less than a chunk mostly takes: 22 minutes.
    private static var someSlots: Int64 { 1_024 }
}

extension Database {
    /// The newest time that the bounds tell, as far as they can be read.
    fileprivate var latestBound: Int64 {
        mutating get {
            var latest = Int64.min
            var table = DamagedRows(table: "bounds", key: "series", columns: ["last"])
            while table.next != nil {
                table.read(1_000, from: &self) { latest = max(latest, $0.int(1)) }
            }
            return latest
        }
    }
}

/// Chunks of one series that are older than all that it has.
struct SalvagedRun: Sendable {
    let place: SeriesRef
    let id: Int64
    let labels: LabelSet
    /// Packed, oldest first.
    private(set) var chunks: ContiguousArray<Chunk> = []
    /// What is there begins here.
    private var end: Int64

    init(_ series: Series, at place: SeriesRef) {
        self.place = place
        id = series.id
        labels = series.labels
        end = series.firstTime
    }

    /// Takes what is older than what is there; the chunks come with the newest first.
    fileprivate mutating func add(_ chunk: Chunk) {
        guard chunk.firstTime < end else { return }
        var taken = chunk
        if chunk.form != .packed || chunk.lastTime >= end {
            var samples = SeriesSamples(labels: .empty)
            _ = chunk.decode(from: .min, through: end &- 1, into: &samples)
            guard samples.count > 0 else { return }
            taken = Chunk(packing: samples)
        }
        chunks.insert(taken, at: 0)
        end = taken.firstTime
    }

    func write(to database: inout Database) throws(DatabaseError) {
        let insertion = "INSERT OR IGNORE INTO series(id, labels) VALUES(?, ?)"
        try database.with(insertion) { statement throws(DatabaseError) in
            try statement.bind(1, id)
            try statement.bind(2, labels.blob)
            try statement.run()
        }
        try database.insert(chunks, of: id)
    }
}

extension Head {
    fileprivate var placesByID: [Int64: SeriesRef] {
        var places: [Int64: SeriesRef] = [:]
        for place in series.indices where !series[place].labels.isEmpty {
            places[series[place].id] = SeriesRef(place)
        }
        return places
    }

    /// Reads of a damaged database which series there were, and what the log has of them.
    ///
    /// All of it is to be written to a new database, and their chunks are to be brought over.
    static func salvage(_ path: String, _ options: StorageOptions) -> Head? {
        guard var database = try? Database.open(path: path, access: .salvage) else { return nil }
        var last = (try? database.integer("SELECT seq FROM sqlite_sequence")) ?? 0
        var found: [(id: Int64, labels: LabelSet)] = []
        var table = DamagedRows(table: "series", key: "id", columns: ["labels"])
        while table.next != nil {
            table.read(1_000, from: &database) { row in
                guard let labels = LabelSet(blob: row.bytes(1)) else { return }
                found.append((row.int(0), labels))
                last = max(last, row.int(0))
            }
        }
        // Beyond the numbers of all series that cannot be read: their chunks must not get new labels.
        var head = Head(options, nextID: last + 1_000_000)
        var places: [Int64: SeriesRef] = [:]
        for (id, labels) in found.reversed() where !head.has(labels) {
            places[id] = head.insert(Series(labels: labels, id: id))
        }
        head.replay(&database, places)
        for (id, labels) in found where places[id] != nil { head.log.series.append((id, labels)) }
        for place in head.series.indices { head.seal(SeriesRef(place)) }
        return head
    }

    private mutating func replay(_ database: inout Database, _ places: [Int64: SeriesRef]) {
        let needed = try? database.integer("SELECT value FROM mark WHERE name = 'needed'")
        var ids: [Int64] = []
        var table = DamagedRows(table: "batch", key: "id")
        while let next = table.next, next >= needed ?? 0 {
            table.read(1_000, from: &database) { ids.append($0.int(0)) }
        }
        for id in ids.reversed() where id >= needed ?? 0 {
            _ = try? database.with("SELECT bytes, form FROM batch WHERE id = ?") {
                rows throws(DatabaseError) in
                try rows.bind(1, id)
                guard try rows.step() else { return }
                _ = LogReader.read(rows.bytes(0), form: rows.int(1)) { entry in
                    if let place = places[entry.id] { replay(entry, at: place, batch: id) }
                }
            }
        }
        log = PendingLog(number: (ids.first ?? 0) + 1)
    }

    private mutating func seal(_ place: SeriesRef) {
        series[Int(place)].seal()
        if !series[Int(place)].unsaved.isEmpty { unsaved.insert(place) }
    }

    /// Notes that the disk has chunks again that are older than all that a series had.
    mutating func note(_ runs: [SalvagedRun]) {
        for run in runs where series[Int(run.place)].id == run.id {
            guard let first = run.chunks.first, let last = run.chunks.last else { continue }
            series[Int(run.place)].noteOnDisk(from: first.firstTime, through: last.lastTime)
        }
    }

    /// Removes the series of which nothing could be brought back.
    mutating func removeEmpty() {
        for place in series.indices where series[place].isNew && !series[place].labels.isEmpty {
            log.removed.append(series[place].id)
            remove(SeriesRef(place))
        }
    }
}
