// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
internal import Logging
internal import SQLite
public import Samples

/// All samples: appended in batches, selected by labels and time, from memory and from disk.
///
/// Samples of one series are in strictly increasing time order; a late one is dropped and counted.
/// Reads are synchronous and see every append that returned before.
public final class SeriesStore: Sendable {
    /// The durable small state beside the samples.
    public let ledger: Ledger
    let options: StorageOptions
    let head: Lock<Head>
    /// Who copies the log elsewhere.
    let followers: Lock<LogFollowers>
    /// Nil where memory is all there is.
    let disk: SampleDisk?
    let meters: StorageMeters
    let log: Log?
    /// How far old chunks are joined; used on the disk's queue.
    let compaction = Lock(Compaction())
    /// Why the last flush failed.
    let failure = Lock<String?>(nil)
    /// Whether a query met a damaged page, so that the next flush begins a new database.
    let isDamaged = Lock(false)
    /// The damaged database whose history is being brought back; used on the disk's queue.
    let salvage: Lock<Salvage?>
    /// Keeps other processes out of the directory.
    private let guardian: ProcessLock?

    init(
        options: StorageOptions,
        parts: Parts,
        meters: StorageMeters,
        log: Log?
    ) {
        self.options = options
        self.meters = meters
        self.log = log
        followers = Lock(LogFollowers(end: parts.head.log.number - 1))
        head = Lock(parts.head)
        disk = parts.disk
        ledger = parts.ledger
        salvage = Lock(parts.aside.flatMap { Salvage(path: $0, for: parts.head) })
        guardian = parts.guardian
    }

    /// What the sources said about their metrics, by the family's name.
    public var metadata: [String: MetricMetadata] { head.withLock { $0.metadata } }

    /// Adds everything that one poll of a target said.
    ///
    /// Series that the target's batch before had and this one has not get a staleness marker at the
    /// batch's time. Samples with a time of their own are not followed that way. With `birth`, counters
    /// that were never seen begin with a zero.
    @discardableResult
    public func append(
        _ batch: SampleBatch,
        from target: TargetID,
        birth: CounterBirth? = nil
    ) -> AppendOutcome {
        counted { $0.append(batch, from: target, birth) }
    }

    /// Adds staleness markers to all series of a target, as after a failed poll.
    public func endSeries(of target: TargetID, at time: Timestamp) {
        _ = counted { $0.endSeries(of: target, at: time) }
    }

    /// Adds samples that belong to no target, such as those that rules record.
    @discardableResult
    public func append(_ samples: [SeriesSample], at time: Timestamp) -> AppendOutcome {
        counted { $0.append(samples, at: time) }
    }

    /// Adds samples with times of their own, as written from afar; of each series in time order.
    ///
    /// A sample that cannot be stored costs itself and no other. `time` is when they were received: it
    /// bounds how far ahead a sample may be, and the retention counts back from it.
    @discardableResult
    public func append(_ series: [SeriesSamples], at time: Timestamp) -> AppendOutcome {
        append(WrittenSamples(series), at: time)
    }

    /// Adds samples with times of their own, as written from afar; of each series in time order.
    ///
    /// Others get their turn in between, so a reader may see a part of it.
    @discardableResult
    public func append(_ written: WrittenSamples, at time: Timestamp) -> AppendOutcome {
        var outcome = AppendOutcome()
        var first = 0
        repeat {
            // A run may have any number of samples, but who sends so many in one sends one.
            let last = min(first + Self.runsAtOnce, written.runs.count)
            outcome += counted { $0.append(written, first..<last, at: time) }
            first = last
        } while first < written.runs.count
        return outcome
    }

    /// What can be stored at a moment of what is written from afar; it may change right after.
    public func admission(at time: Timestamp) -> WriteAdmission {
        head.withLock { $0.admission(at: time) }
    }

    /// Series that are written under one taking of the lock, about a millisecond.
    private static let runsAtOnce = 4_000

    /// Notes what a source said about metrics, by the family's name.
    public func describe(_ metadata: [String: MetricMetadata]) {
        head.withLock { $0.describe(metadata) }
    }

    private func counted(_ body: (inout Head) -> AppendOutcome) -> AppendOutcome {
        let (outcome, seriesCount) = head.withLock { head in
            let outcome = body(&head)
            head.version &+= 1
            if disk == nil, head.isTidyingDue() {
                let retained = head.now &- options.retention.milliseconds
                head.dropAll(before: retained)
                head.removeSeries(endedBefore: retained)
            }
            return (outcome, head.index.count)
        }
        meters.count(outcome, seriesCount: seriesCount)
        return outcome
    }
}
