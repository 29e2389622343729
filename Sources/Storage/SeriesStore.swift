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
    /// Nil where memory is all there is.
    let disk: SampleDisk?
    let meters: StorageMeters
    let log: Log?
    /// Why the last flush failed.
    let failure = Lock<String?>(nil)
    /// Whether a query met a damaged page, so that the next flush begins a new database.
    let isDamaged = Lock(false)
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
        head = Lock(parts.head)
        disk = parts.disk
        ledger = parts.ledger
        guardian = parts.guardian
    }

    /// What the sources said about their metrics, by the family's name.
    public var metadata: [String: MetricMetadata] { head.withLock { $0.metadata } }

    /// Adds everything that one poll of a target said.
    ///
    /// Series that the target's batch before had and this one has not get a staleness marker at the
    /// batch's time. Samples with a time of their own are not followed that way.
    @discardableResult
    public func append(_ batch: SampleBatch, from target: TargetID) -> AppendOutcome {
        counted { $0.append(batch, from: target) }
    }

    /// Adds staleness markers to all series of a target, as after a failed poll.
    public func endSeries(of target: TargetID, at time: Timestamp) {
        _ = counted { $0.endSeries(of: target, at: time) }
    }

    /// Adds samples that belong to no target: recorded by rules, or written from afar.
    @discardableResult
    public func append(_ samples: [SeriesSample], at time: Timestamp) -> AppendOutcome {
        counted { $0.append(samples, at: time) }
    }

    private func counted(_ body: (inout Head) -> AppendOutcome) -> AppendOutcome {
        let (outcome, seriesCount) = head.withLock { head in
            let outcome = body(&head)
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
