// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
public import Samples

/// One sample each of some series, in columns.
public struct NewestSamples: Sendable {
    /// The series, sorted.
    public private(set) var labels: ContiguousArray<LabelSet> = []
    /// Milliseconds since the Unix epoch, one a series.
    public private(set) var times: ContiguousArray<Int64> = []
    /// The values, one a series; none is a staleness marker.
    public private(set) var values: ContiguousArray<Double> = []

    /// How many series there are.
    public var count: Int { labels.count }

    fileprivate mutating func append(_ labels: LabelSet, _ time: Int64, _ value: Double) {
        if value.isStalenessMarker { return }
        self.labels.append(labels)
        times.append(time)
        values.append(value)
    }

    fileprivate mutating func append(_ samples: SeriesSamples) {
        guard let time = samples.times.last, let value = samples.values.last else { return }
        append(samples.labels, time, value)
    }

    fileprivate mutating func reserveCapacity(_ count: Int) {
        labels.reserveCapacity(count)
        times.reserveCapacity(count)
        values.reserveCapacity(count)
    }

    fileprivate var sorted: NewestSamples {
        var result = NewestSamples()
        result.reserveCapacity(count)
        for place in LabelSet.sortedPlaces(of: labels) {
            result.append(labels[place], times[place], values[place])
        }
        return result
    }
}

extension SeriesStore {
    /// The newest sample from one moment through another, both inclusive, of all series that fulfil
    /// the conditions; series without one, or whose newest is a staleness marker, are left out.
    ///
    /// The newest sample of all is at hand without reading the chunk that it is in.
    ///
    /// - Throws: `StorageError` where the disk cannot be read.
    public func newest(
        _ matchers: [Matcher],
        from: Timestamp,
        through: Timestamp
    ) throws(StorageError) -> NewestSamples {
        let (from, through) = (from.milliseconds, through.milliseconds)
        var result = NewestSamples()
        let others = head.withLock { head in
            head.newest(matchers, from: from, through: through, into: &result)
        }
        if !others.isEmpty {
            for samples in try samples(of: others, from, through) { result.append(samples) }
        }
        return result.sorted
    }
}

/// What can be read without waiting, for answers that are made where nothing may wait.
extension SeriesStore {
    /// The same as `newest`; nil where it would wait for the lock, read the disk, or find more series.
    public func newestAtHand(
        _ matchers: [Matcher],
        from: Timestamp,
        through: Timestamp,
        atMost limit: Int
    ) -> NewestSamples? {
        let (from, through) = (from.milliseconds, through.milliseconds)
        var result = NewestSamples()
        let others = head.withLockIfFree { head -> ContiguousArray<SeriesPicture>? in
            guard let most = head.index.mostSeries(matchers), most <= limit else { return nil }
            return head.newest(matchers, from: from, through: through, into: &result)
        }
        guard let others = others ?? nil, !others.contains(where: \.needsDisk) else { return nil }
        if !others.isEmpty {
            guard let found = try? samples(of: others, from, through) else { return nil }
            for samples in found { result.append(samples) }
        }
        return result.sorted
    }

    /// The same as `select`; nil where it would wait for the lock, read the disk, or find more series.
    public func samplesAtHand(
        _ matchers: [Matcher],
        from: Timestamp,
        through: Timestamp,
        atMost limit: Int
    ) -> [SeriesSamples]? {
        let (from, through) = (from.milliseconds, through.milliseconds)
        let pictures = head.withLockIfFree { head -> ContiguousArray<SeriesPicture>? in
            guard let most = head.index.mostSeries(matchers), most <= limit else { return nil }
            return head.pictures(matchers, from: from, through: through)
        }
        guard let pictures = pictures ?? nil, !pictures.contains(where: \.needsDisk) else {
            return nil
        }
        return try? sortedSamples(of: pictures, from, through)
    }
}

extension Head {
    /// Finds samples that are at hand; returns the series whose sample has to be looked for.
    fileprivate func newest(
        _ matchers: [Matcher],
        from: Int64,
        through: Int64,
        into result: inout NewestSamples
    ) -> ContiguousArray<SeriesPicture> {
        let found = index.find(matchers) { series[Int($0)].labels }
        result.reserveCapacity(found.count)
        var others: ContiguousArray<SeriesPicture> = []
        for reference in found {
            // Field by field: a copy of the series would count references for nothing.
            let place = Int(reference)
            let time = series[place].open.lastTime
            guard time >= from else { continue }
            if time <= through, series[place].open.knowsLast {
                let bits = series[place].open.lastValueBits
                result.append(series[place].labels, time, Double(bitPattern: bits))
            } else if series[place].firstTime <= through {
                others.append(SeriesPicture(series[place], from: from, through: through))
            }
        }
        return others
    }
}
