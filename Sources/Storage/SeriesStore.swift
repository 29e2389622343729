// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
public import Samples
public import Telemetry

/// All samples: appended in batches, selected by labels and time, from memory and from disk.
///
/// Samples of one series are in strictly increasing time order; a late one is dropped and counted.
/// Reads are synchronous and see every append that returned before.
public final class SeriesStore: Sendable {
    /// The durable small state beside the samples.
    public let ledger: Ledger
    let options: StorageOptions
    let head: Lock<Head>
    let meters: StorageMeters

    init(
        options: StorageOptions,
        head: consuming sending Head,
        ledger: Ledger,
        meters: StorageMeters
    ) {
        self.options = options
        self.head = Lock(head)
        self.ledger = ledger
        self.meters = meters
    }

    /// Opens the databases in the options' directory, or makes them.
    ///
    /// - Throws: `StorageError`.
    public static func open(
        _ options: StorageOptions,
        telemetry: Registry
    ) async throws(StorageError) -> SeriesStore {
        SeriesStore(
            options: options,
            head: Head(maxSeries: options.maxSeries),
            ledger: try Ledger(path: ":memory:"),
            meters: StorageMeters(telemetry)
        )
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

    /// Makes everything durable that was appended so far.
    public func flush() async {}

    /// Makes everything durable; nothing may be appended afterwards.
    public func close() async { await flush() }

    private func counted(_ body: (inout Head) -> AppendOutcome) -> AppendOutcome {
        let (outcome, seriesCount) = head.withLock { head in (body(&head), head.index.count) }
        meters.count(outcome, seriesCount: seriesCount)
        return outcome
    }
}
