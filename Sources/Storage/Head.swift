// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// All series with their recent samples; the state that the store's lock protects.
struct Head: Sendable {
    var series: ContiguousArray<Series> = []
    var index = SeriesIndex()
    var metadata: [String: MetricMetadata] = [:]
    /// The series of each target's last batch.
    var targets: [TargetID: ContiguousArray<SeriesRef>] = [:]
    /// Counts the changes to the list of series.
    private(set) var generation: UInt64 = 0
    /// Counts the appends.
    var version: UInt64 = 0
    /// The newest time that an append was given; samples' own times do not count.
    var now = Int64.min
    /// Whether there is a disk, so that samples go to the log.
    var isLogging = false
    /// What the log gets at the next flush.
    var log: PendingLog
    /// Series with full chunks that are not on disk.
    var unsaved: Set<SeriesRef> = []
    /// The next series' number in the database.
    private(set) var nextID: Int64
    let maxSeries: Int
    /// Milliseconds that samples are kept, counted back from `now`.
    let retentionMs: Int64

    private var vacant: ContiguousArray<SeriesRef> = []
    private var appends: UInt32 = 0
    private var tidiedAt = Int64.min

    /// Families whose metadata is kept at most, against targets that invent names.
    private static let maxFamilies = 100_000
    /// Milliseconds that a sample's own time may be ahead of its poll.
    ///
    /// Source: Prometheus, scrape: `maxAheadTime`.
    private static let maxAheadMs: Int64 = 600_000

    init(_ options: StorageOptions, log: PendingLog = PendingLog(number: 1), nextID: Int64 = 1) {
        maxSeries = options.maxSeries
        retentionMs = options.retention.milliseconds
        self.log = log
        self.nextID = nextID
    }

    /// Whether a minute went by, in the appends' time, since this said so last.
    mutating func isTidyingDue() -> Bool {
        guard now != .min, tidiedAt == .min || now &- tidiedAt >= 60_000 else { return false }
        tidiedAt = now
        return true
    }

    /// Adds all samples of a poll, and ends the series that the target's last poll had and this not.
    mutating func append(
        _ batch: SampleBatch,
        from target: TargetID,
        _ birth: CounterBirth?
    ) -> AppendOutcome {
        var outcome = AppendOutcome()
        let time = batch.time.milliseconds
        now = max(now, time)
        appends &+= 1
        let earlier = targets[target] ?? []
        var present: ContiguousArray<SeriesRef> = []
        present.reserveCapacity(earlier.count)
        // A target says the same series in the same order each time.
        var next = 0
        for family in batch.families {
            describe(family)
            let zeroTime = birth?.zeroTime(of: family)
            for sample in family.samples {
                let own = sample.time?.milliseconds
                if let own, !isWithinBounds(own, time, &outcome) { continue }
                guard let place = place(of: sample.labels, after: &next, in: earlier) else {
                    outcome.dropped += 1
                    continue
                }
                if let zeroTime, own == nil, zeroTime < time, series[Int(place)].isNew,
                    family.isCumulative(sample.labels), sample.value > 0,
                    write(zeroTime, 0, at: place) == .appended
                {
                    outcome.born += 1
                }
                append(own ?? time, sample.value, at: place, &outcome)
                // Samples with times of their own do not end: their source decides how old they get.
                guard own == nil, series[Int(place)].mark != appends else { continue }
                series[Int(place)].mark = appends
                series[Int(place)].position = UInt32(truncatingIfNeeded: present.count)
                present.append(place)
            }
        }
        for place in earlier where series[Int(place)].mark != appends {
            end(place, at: time, &outcome)
        }
        targets[target] = present
        return outcome
    }

    /// Ends all series of a target.
    mutating func endSeries(of target: TargetID, at time: Timestamp) -> AppendOutcome {
        var outcome = AppendOutcome()
        now = max(now, time.milliseconds)
        for place in targets.removeValue(forKey: target) ?? [] {
            end(place, at: time.milliseconds, &outcome)
        }
        return outcome
    }

    /// Adds samples that belong to no target.
    mutating func append(_ samples: [SeriesSample], at time: Timestamp) -> AppendOutcome {
        var outcome = AppendOutcome()
        now = max(now, time.milliseconds)
        for sample in samples {
            guard let place = place(of: sample.labels) else {
                outcome.dropped += 1
                continue
            }
            append((sample.time ?? time).milliseconds, sample.value, at: place, &outcome)
        }
        return outcome
    }

    /// Adds samples with times of their own, series by series.
    mutating func append(
        _ written: WrittenSamples,
        _ runs: Range<Int>,
        at time: Timestamp
    ) -> AppendOutcome {
        var outcome = AppendOutcome()
        now = max(now, time.milliseconds)
        let bounds = admission(at: time).times
        for run in written.runs[runs] {
            // A series without a sample that can be stored must not take a place.
            var place: SeriesRef?
            for sample in run.samples {
                let own = written.times[sample]
                guard bounds.contains(own) else {
                    if own < bounds.lowerBound {
                        outcome.tooOld += 1
                    } else {
                        outcome.tooFarAhead += 1
                    }
                    continue
                }
                place = place ?? self.place(of: run.labels)
                guard let place else {
                    outcome.dropped += 1
                    continue
                }
                append(own, written.values[sample], at: place, &outcome)
            }
        }
        return outcome
    }

    /// What can be stored at this moment.
    func admission(at time: Timestamp) -> WriteAdmission {
        let oldest = max(now, time.milliseconds) &- retentionMs
        let newest = time.milliseconds &+ Self.maxAheadMs
        return WriteAdmission(
            times: min(oldest, newest)...newest,
            hasRoom: index.count < maxSeries && nextID <= ChunkKey.maxSeriesID
        )
    }

    /// Notes what a source said about metrics.
    mutating func describe(_ known: [String: MetricMetadata]) {
        for (name, about) in known where metadata[name] != nil || metadata.count < Self.maxFamilies
        {
            metadata[name] = about
        }
    }

    /// Whether a sample's own time is one that can be stored.
    private func isWithinBounds(
        _ time: Int64,
        _ received: Int64,
        _ outcome: inout AppendOutcome
    ) -> Bool {
        if time > received &+ Self.maxAheadMs {
            outcome.tooFarAhead += 1
            return false
        }
        if time < now &- retentionMs {
            outcome.tooOld += 1
            return false
        }
        return true
    }

    /// The series that fulfil the conditions and have samples in the range.
    func find(_ matchers: [Matcher], from: Int64, through: Int64) -> ContiguousArray<SeriesRef> {
        var found = index.find(matchers) { series[Int($0)].labels }
        found.removeAll {
            series[Int($0)].lastTime < from || series[Int($0)].firstTime > through
        }
        return found
    }

    /// Removes a series that has no samples left and belongs to no target.
    mutating func remove(_ place: SeriesRef) {
        generation &+= 1
        index.remove(series[Int(place)].labels, place)
        series[Int(place)] = Series(labels: .empty, id: 0)
        unsaved.remove(place)
        vacant.append(place)
    }

    /// Adds a series that is not there.
    @discardableResult
    mutating func insert(_ new: Series) -> SeriesRef {
        generation &+= 1
        let place: SeriesRef
        if let free = vacant.popLast() {
            place = free
            series[Int(place)] = new
        } else {
            place = SeriesRef(series.count)
            // By a quarter and not by doubling, which would leave up to half of it empty.
            if series.count == series.capacity { series.reserveCapacity(series.count * 5 / 4 + 64) }
            series.append(new)
        }
        index.insert(new.labels, place)
        return place
    }

    /// The place of a series, which is likely the next of the target's last batch.
    private mutating func place(
        of labels: LabelSet,
        after next: inout Int,
        in earlier: ContiguousArray<SeriesRef>
    ) -> SeriesRef? {
        if next < earlier.count, series[Int(earlier[next])].labels == labels {
            next += 1
            return earlier[next - 1]
        }
        let place = place(of: labels)
        if let place {
            let position = Int(series[Int(place)].position)
            if position < earlier.count, earlier[position] == place { next = position + 1 }
        }
        return place
    }

    private mutating func place(of labels: LabelSet) -> SeriesRef? {
        if let place = index.find(labels, where: { series[Int($0)].labels == labels }) {
            return place
        }
        guard index.count < maxSeries, nextID <= ChunkKey.maxSeriesID else { return nil }
        let id = nextID
        nextID += 1
        if isLogging { log.series.append((id, labels)) }
        return insert(Series(labels: labels, id: id))
    }

    private mutating func append(
        _ time: Int64,
        _ value: Double,
        at place: SeriesRef,
        _ outcome: inout AppendOutcome
    ) {
        switch write(time, value, at: place) {
        case .appended: outcome.appended += 1
        case .late: outcome.late += 1
        case .duplicate: outcome.duplicate += 1
        case .conflicting: outcome.conflicting += 1
        }
    }

    private mutating func end(_ place: SeriesRef, at time: Int64, _ outcome: inout AppendOutcome) {
        guard !series[Int(place)].isEnded else { return }
        if write(time, .stalenessMarker, at: place) == .appended { outcome.ended += 1 }
    }

    private mutating func write(
        _ time: Int64,
        _ value: Double,
        at place: SeriesRef
    ) -> Series.Verdict {
        var hasSealed = false
        let verdict = series[Int(place)].append(
            time,
            value,
            batch: log.number,
            hasSealed: &hasSealed
        )
        if hasSealed { unsaved.insert(place) }
        if isLogging, verdict == .appended {
            log.append(series[Int(place)].id, time, value)
        }
        return verdict
    }

    private mutating func describe(_ family: MetricFamily) {
        let known = metadata[family.name]
        guard known?.kind != family.kind || known?.help != family.help || known?.unit != family.unit
        else { return }
        guard known != nil || metadata.count < Self.maxFamilies else { return }
        metadata[family.name] = MetricMetadata(
            kind: family.kind,
            help: family.help,
            unit: family.unit
        )
    }
}
