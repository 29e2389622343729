// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
public import Samples

/// The newest samples of series that are asked for again and again, such as those of `/federate`.
///
/// The list of series is found once and found again only after series came or went.
public struct LatestSamples: Sendable {
    /// The sets of conditions; a series fulfils one of them.
    public let selectors: [[Matcher]]
    /// Another number means another list of series.
    public private(set) var generation: UInt64 = 0
    /// The series, each once, in the order in which they came to life.
    public private(set) var labels: ContiguousArray<LabelSet> = []
    /// Milliseconds since the Unix epoch, one a series.
    public private(set) var times: ContiguousArray<Int64> = []
    /// The values, one a series; a staleness marker where it ended or has no sample in the range.
    public private(set) var values: ContiguousArray<Double> = []
    private var places: ContiguousArray<SeriesRef> = []
    private var known: UInt64?

    /// Makes an empty list; `SeriesStore.read` fills it.
    public init(_ selectors: [[Matcher]]) { self.selectors = selectors }

    /// Reads what memory has; returns the series whose newest sample has to be looked for.
    fileprivate mutating func read(
        _ head: borrowing Head,
        from: Int64,
        through: Int64
    ) -> [(place: Int, picture: SeriesPicture)] {
        refresh(head)
        var others: [(place: Int, picture: SeriesPicture)] = []
        for (place, reference) in places.enumerated() {
            // Field by field: a copy of the series would count references for nothing.
            let index = Int(reference)
            let time = head.series[index].open.lastTime
            if head.series[index].open.count > 0, time >= from, time <= through {
                times[place] = time
                values[place] = Double(bitPattern: head.series[index].open.lastValueBits)
                continue
            }
            values[place] = .stalenessMarker
            let series = head.series[index]
            if series.lastTime >= from, series.firstTime <= through {
                others.append((place, SeriesPicture(series, from: from, through: through)))
            }
        }
        return others
    }

    fileprivate mutating func set(_ place: Int, to samples: SeriesSamples) {
        guard let time = samples.times.last, let value = samples.values.last else { return }
        times[place] = time
        values[place] = value
    }

    private mutating func refresh(_ head: borrowing Head) {
        guard known != head.generation else { return }
        known = head.generation
        generation &+= 1
        var seen: Set<SeriesRef> = []
        places = []
        for matchers in selectors {
            let found = head.index.find(matchers) { head.series[Int($0)].labels }
            places += selectors.count == 1 ? found : found.filter { seen.insert($0).inserted }
        }
        labels = ContiguousArray(places.map { head.series[Int($0)].labels })
        times = ContiguousArray(repeating: 0, count: places.count)
        values = ContiguousArray(repeating: .stalenessMarker, count: places.count)
    }
}

extension SeriesStore {
    /// Counts the appends, so that who keeps what he read knows whether it is still true.
    public var version: UInt64 { head.withLock { $0.version } }

    /// Reads the newest sample of each series from one moment through another, both inclusive.
    ///
    /// - Throws: `StorageError` where the disk cannot be read.
    public func read(
        _ latest: inout LatestSamples,
        from: Timestamp,
        through: Timestamp
    ) throws(StorageError) {
        let (from, through) = (from.milliseconds, through.milliseconds)
        let others = head.withLock { latest.read($0, from: from, through: through) }
        guard !others.isEmpty else { return }
        let pictures = ContiguousArray(others.map(\.picture))
        for (other, samples) in zip(others, try samples(of: pictures, from, through)) {
            latest.set(other.place, to: samples)
        }
    }
}
