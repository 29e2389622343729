// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SQLite
internal import Samples

extension Head {
    /// Reads the series that the disk has, and the log's samples that are in no chunk.
    ///
    /// With `keepsEmpty`, series without samples stay, as theirs are still to be brought back.
    /// Returns the head and how many batches of the log were damaged and left out.
    static func load(
        from database: inout Database,
        _ options: StorageOptions,
        keepsEmpty: Bool = false
    ) throws(DatabaseError) -> (head: Head, damagedBatches: Int) {
        let last = try database.integer("SELECT seq FROM sqlite_sequence WHERE name = 'series'")
        let batch = try database.integer("SELECT max(id) FROM batch")
        var head = Head(options, log: PendingLog(number: batch + 1), nextID: last + 1)
        let places = try head.loadSeries(from: &database)
        var damaged = 0
        let sql = """
            SELECT id, bytes, form FROM batch
            WHERE id >= ifnull((SELECT value FROM mark WHERE name = 'needed'), 0) ORDER BY id
            """
        try database.with(sql) { rows throws(DatabaseError) in
            while try rows.step() {
                let number = rows.int(0)
                let isWhole = LogReader.read(rows.bytes(1), form: rows.int(2)) { entry in
                    guard let place = places[entry.id] else { return }
                    head.replay(entry, at: place, batch: number)
                }
                if !isWhole { damaged += 1 }
            }
        }
        // Their samples were in a batch that is lost.
        guard !keepsEmpty else { return (head, damaged) }
        for (id, place) in places where head.series[Int(place)].firstTime == .max {
            head.log.removed.append(id)
            head.remove(place)
        }
        return (head, damaged)
    }

    private mutating func loadSeries(
        from database: inout Database
    ) throws(DatabaseError) -> [Int64: SeriesRef] {
        let oldest = try database.oldestPeriod().map { $0 * ChunkKey.periodMs } ?? .min
        var places: [Int64: SeriesRef] = [:]
        let sql = """
            SELECT id, labels, first, last FROM series LEFT JOIN bounds ON bounds.series = id
            ORDER BY id
            """
        try database.with(sql) { rows throws(DatabaseError) in
            while try rows.step() {
                let id = rows.int(0)
                guard let labels = LabelSet(blob: rows.bytes(1)), !has(labels) else { continue }
                let series =
                    rows.isNull(2)
                    ? Series(labels: labels, id: id)
                    : Series(
                        labels: labels,
                        id: id,
                        onDiskFrom: max(oldest, rows.int(2)),
                        through: rows.int(3)
                    )
                places[id] = insert(series)
            }
        }
        return places
    }

    func has(_ labels: LabelSet) -> Bool {
        index.find(labels) { series[Int($0)].labels == labels } != nil
    }

    /// Adds a sample of the log; one that is in a chunk already is late and stays out.
    mutating func replay(_ entry: LogBatch.Entry, at place: SeriesRef, batch: Int64) {
        var hasSealed = false
        _ = series[Int(place)].append(entry.time, entry.value, batch: batch, hasSealed: &hasSealed)
        if hasSealed { unsaved.insert(place) }
    }
}
