// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
internal import SQLite
public import Samples

extension SeriesStore {
    /// The samples of all series that fulfil the conditions, from one moment through another.
    ///
    /// Both ends are inclusive. Series are sorted by their labels, those without samples in the range
    /// are left out, staleness markers are included. Only chunks that overlap the range are decoded.
    ///
    /// - Throws: `StorageError` where the disk cannot be read.
    public func select(
        _ matchers: [Matcher],
        from: Timestamp,
        through: Timestamp
    ) throws(StorageError) -> [SeriesSamples] {
        let (from, through) = (from.milliseconds, through.milliseconds)
        let pictures = head.withLock { $0.pictures(matchers, from: from, through: through) }
        return try sortedSamples(of: pictures, from, through)
    }

    /// The samples of those series that have any in the range, sorted by labels.
    func sortedSamples(
        of pictures: ContiguousArray<SeriesPicture>,
        _ from: Int64,
        _ through: Int64
    ) throws(StorageError) -> [SeriesSamples] {
        var result = try samples(of: pictures, from, through)
        result.removeAll { $0.count == 0 }
        var places = LabelSet.sortedPlaces(of: ContiguousArray(result.lazy.map(\.labels)))
        result.arrange(by: &places)
        return result
    }

    /// The samples of series from one moment through another, from disk and from memory.
    func samples(
        of pictures: ContiguousArray<SeriesPicture>,
        _ from: Int64,
        _ through: Int64
    ) throws(StorageError) -> [SeriesSamples] {
        var result = pictures.map { SeriesSamples(labels: $0.labels) }
        if pictures.contains(where: \.needsDisk) {
            try readDisk(pictures, from, through, &result)
        }
        for place in pictures.indices {
            pictures[place].saved.decode(from: from, through: through, into: &result[place])
            for chunk in pictures[place].chunks {
                _ = chunk.decode(from: from, through: through, into: &result[place])
            }
        }
        return result
    }

    /// The series that fulfil one of the sets of conditions and have samples in the range, sorted.
    ///
    /// Without any set these are all series.
    ///
    /// - Throws: `StorageError` where the disk cannot be read.
    public func series(
        _ matchers: [[Matcher]],
        from: Timestamp,
        through: Timestamp
    ) throws(StorageError) -> [LabelSet] {
        let all = labels(matchers, from, through)
        return LabelSet.sortedPlaces(of: all).map { all[$0] }
    }

    /// The names of labels among the series that `series` finds, sorted.
    ///
    /// - Throws: `StorageError` where the disk cannot be read.
    public func labelNames(
        _ matchers: [[Matcher]],
        from: Timestamp,
        through: Timestamp
    ) throws(StorageError) -> [String] {
        var names: Set<Symbol> = []
        for labels in labels(matchers, from, through) {
            for label in labels.labels { names.insert(label.name) }
        }
        return sorted(names)
    }

    /// The values of a label among the series that `series` finds, sorted.
    ///
    /// - Throws: `StorageError` where the disk cannot be read.
    public func labelValues(
        _ name: String,
        _ matchers: [[Matcher]],
        from: Timestamp,
        through: Timestamp
    ) throws(StorageError) -> [String] {
        guard let name = Symbol.existing(name) else { return [] }
        return sorted(Set(labels(matchers, from, through).compactMap { $0[name] }))
    }

    private func readDisk(
        _ pictures: ContiguousArray<SeriesPicture>,
        _ from: Int64,
        _ through: Int64,
        _ result: inout [SeriesSamples]
    ) throws(StorageError) {
        guard let disk else { return }
        do {
            let damaged = try disk.read(pictures, from: from, through: through, into: &result)
            meters.faults.damaged(chunks: damaged)
        } catch {
            if error.isDamaged { isDamaged.withLock { $0 = true } }
            throw StorageError(error, doing: "read \(disk.path)")
        }
    }

    private func labels(
        _ matchers: [[Matcher]],
        _ from: Timestamp,
        _ through: Timestamp
    ) -> ContiguousArray<LabelSet> {
        let (from, through) = (from.milliseconds, through.milliseconds)
        return head.withLock { head in
            guard matchers.count != 1 else {
                return ContiguousArray(
                    head.find(matchers[0], from: from, through: through).map {
                        head.series[Int($0)].labels
                    }
                )
            }
            var found: Set<SeriesRef> = []
            for set in matchers.isEmpty ? [[]] : matchers {
                found.formUnion(head.find(set, from: from, through: through))
            }
            return ContiguousArray(found.map { head.series[Int($0)].labels })
        }
    }

    private func sorted(_ symbols: Set<Symbol>) -> [String] {
        symbols.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension Array {
    /// Moves to each place the element of the place that is given for it.
    ///
    /// Elements are swapped and not copied, which would count references. `places`, in which each
    /// place is once, is used up.
    fileprivate mutating func arrange(by places: inout ContiguousArray<Int>) {
        for start in places.indices {
            var place = start
            while places[place] != start {
                let next = places[place]
                swapAt(place, next)
                places[place] = place
                place = next
            }
            places[place] = place
        }
    }
}

extension Head {
    /// The series that fulfil the conditions and have samples in the range.
    func pictures(
        _ matchers: [Matcher],
        from: Int64,
        through: Int64
    ) -> ContiguousArray<SeriesPicture> {
        ContiguousArray(
            find(matchers, from: from, through: through).map { place in
                SeriesPicture(series[Int(place)], from: from, through: through)
            }
        )
    }
}

/// What a query needs of a series, taken under the lock and read without it.
struct SeriesPicture: Sendable {
    let labels: LabelSet
    let id: Int64
    /// The oldest time that is kept, or an older one.
    let firstTime: Int64
    /// Packed chunks in memory, oldest first.
    let saved: PackedRun
    /// Those after them that overlap the range.
    let chunks: ContiguousArray<Chunk>
    /// The oldest time in memory; what is before it is on disk.
    let memoryStart: Int64
    /// Whether the disk has samples of the range that memory has not.
    let needsDisk: Bool

    init(_ series: borrowing Series, from: Int64, through: Int64) {
        labels = series.labels
        id = series.id
        firstTime = series.firstTime
        memoryStart = series.memoryStart
        needsDisk =
            series.isOnDisk && series.memoryStart > from && series.firstTime < series.memoryStart
        saved = series.saved
        var chunks = series.unsaved
        if !chunks.isEmpty {
            chunks.removeAll { $0.lastTime < from || $0.firstTime > through }
        }
        if series.open.count > 0, series.lastTime >= from, series.open.firstTime <= through {
            chunks.append(series.open.chunk())
        }
        self.chunks = chunks
    }
}
