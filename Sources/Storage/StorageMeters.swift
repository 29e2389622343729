// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Telemetry

/// Storage's own metrics.
struct StorageMeters: Sendable {
    private let series: Gauge
    private let symbols: Gauge
    private let appended: Counter
    private let late: Counter
    private let duplicate: Counter
    private let conflicting: Counter
    private let outOfBounds: Counter
    private let dropped: Counter
    private let lost: Counter
    private let damagedChunks: Counter
    private let damagedBatches: Counter
    private let setAsides: Counter
    private let salvagedChunks: Counter
    private let rewrites: Counter
    private let flushFailures: Counter
    private let flushSeconds: Histogram
    private let failed: Gauge
    private let memoryBytes: Gauge
    private let diskBytes: Gauge
    private let oldestSeconds: Gauge
    private let warming: Gauge

    init(_ telemetry: Registry) {
        series = telemetry.gauge("nightjar_storage_series", help: "Series that are known")
        symbols = telemetry.gauge(
            "nightjar_storage_symbols",
            help: "Different names and values of labels, kept until the process ends"
        )
        appended = telemetry.counter(
            "nightjar_storage_samples_appended_total",
            help: "Samples stored, staleness markers included"
        )
        late = telemetry.counter(
            "nightjar_storage_samples_late_total",
            help: "Samples dropped because they were older than the newest of their series"
        )
        duplicate = telemetry.counter(
            "nightjar_storage_samples_duplicate_total",
            help: "Samples that were stored already, with that time and that value"
        )
        conflicting = telemetry.counter(
            "nightjar_storage_samples_conflicting_total",
            help: "Samples dropped because their series had another value at that time"
        )
        outOfBounds = telemetry.counter(
            "nightjar_storage_samples_out_of_bounds_total",
            help: "Samples dropped because they were older than the retention or too far ahead"
        )
        dropped = telemetry.counter(
            "nightjar_storage_samples_dropped_total",
            help: "Samples dropped because of the limit on series"
        )
        lost = telemetry.counter(
            "nightjar_storage_samples_lost_total",
            help: "Samples that memory let go of before the disk took them"
        )
        damagedChunks = telemetry.counter(
            "nightjar_storage_damaged_chunks_total",
            help: "Chunks left out of a query because their checksum was wrong"
        )
        damagedBatches = telemetry.counter(
            "nightjar_storage_damaged_batches_total",
            help: "Batches of the log left out at start because their checksum was wrong"
        )
        setAsides = telemetry.counter(
            "nightjar_storage_set_aside_total",
            help: "Damaged databases that were renamed and begun anew"
        )
        salvagedChunks = telemetry.counter(
            "nightjar_storage_salvaged_chunks_total",
            help: "Chunks of a damaged database that were brought into the one begun after it"
        )
        rewrites = telemetry.counter(
            "nightjar_storage_rewritten_total",
            help: "Databases written anew because their file was taken away"
        )
        flushFailures = telemetry.counter(
            "nightjar_storage_flush_failures_total",
            help: "Flushes that the disk refused"
        )
        flushSeconds = telemetry.histogram(
            "nightjar_storage_flush_duration_seconds",
            help: "How long it took to bring the last samples to disk"
        )
        failed = telemetry.gauge(
            "nightjar_storage_failed",
            help: "1 while the disk refuses samples, which then stay in memory"
        )
        memoryBytes = telemetry.gauge(
            "nightjar_storage_memory_bytes",
            help: "Bytes of samples in memory"
        )
        diskBytes = telemetry.gauge(
            "nightjar_storage_disk_bytes",
            help: "Bytes of samples on disk, free pages and the log file not counted"
        )
        oldestSeconds = telemetry.gauge(
            "nightjar_storage_oldest_sample_timestamp_seconds",
            help: "The time of the oldest sample"
        )
        warming = telemetry.gauge(
            "nightjar_storage_warming",
            help: "1 while a start brings the recent samples back into memory"
        )
        let counters = [
            appended, late, duplicate, conflicting, outOfBounds, dropped, lost, damagedChunks,
            damagedBatches, setAsides, salvagedChunks, rewrites, flushFailures,
        ]
        for counter in counters { counter.add(0) }
        for gauge in [series, symbols, failed, memoryBytes, diskBytes, warming] { gauge.set(0) }
    }

    func flushed(in duration: Duration) { flushSeconds.observe(duration.inSeconds) }

    func setFailed(_ isFailed: Bool) {
        failed.set(isFailed ? 1 : 0)
        if isFailed { flushFailures.add() }
    }

    func setWarming(_ isWarming: Bool) { warming.set(isWarming ? 1 : 0) }

    func salvaged(chunks: Int) { salvagedChunks.add(Double(chunks)) }

    func rewritten() { rewrites.add() }

    func setAside() { setAsides.add() }

    func damaged(chunks: Int = 0, batches: Int = 0) {
        if chunks > 0 { damagedChunks.add(Double(chunks)) }
        if batches > 0 { damagedBatches.add(Double(batches)) }
    }

    func tidied(diskBytes: Int64) { self.diskBytes.set(Double(diskBytes)) }

    func tidied(memoryBytes: Int, lost: Int, oldest: Int64?) {
        self.memoryBytes.set(Double(memoryBytes))
        if lost > 0 { self.lost.add(Double(lost)) }
        if let oldest { oldestSeconds.set(Timestamp(milliseconds: oldest).seconds) }
    }

    func count(_ outcome: AppendOutcome, seriesCount: Int) {
        series.set(Double(seriesCount))
        symbols.set(Double(Symbol.count))
        appended.add(Double(outcome.appended + outcome.ended + outcome.born))
        if outcome.late > 0 { late.add(Double(outcome.late)) }
        if outcome.duplicate > 0 { duplicate.add(Double(outcome.duplicate)) }
        if outcome.conflicting > 0 { conflicting.add(Double(outcome.conflicting)) }
        let outside = outcome.tooOld + outcome.tooFarAhead
        if outside > 0 { outOfBounds.add(Double(outside)) }
        if outcome.dropped > 0 { dropped.add(Double(outcome.dropped)) }
    }
}
