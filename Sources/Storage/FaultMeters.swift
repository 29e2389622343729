// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Telemetry

/// What the disk refused, and what was damaged.
struct FaultMeters: Sendable {
    private let damagedChunks: Counter
    private let damagedBatches: Counter
    private let setAsides: Counter
    private let salvagedChunks: Counter
    private let rewrites: Counter
    private let flushFailures: Counter
    private let failed: Gauge

    init(_ telemetry: Registry) {
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
        failed = telemetry.gauge(
            "nightjar_storage_failed",
            help: "1 while the disk refuses samples, which then stay in memory"
        )
        for counter in [
            damagedChunks, damagedBatches, setAsides, salvagedChunks, rewrites, flushFailures,
        ] { counter.add(0) }
        failed.set(0)
    }

    func setFailed(_ isFailed: Bool) {
        failed.set(isFailed ? 1 : 0)
        if isFailed { flushFailures.add() }
    }

    func salvaged(chunks: Int) { salvagedChunks.add(Double(chunks)) }

    func rewritten() { rewrites.add() }

    func setAside() { setAsides.add() }

    func damaged(chunks: Int = 0, batches: Int = 0) {
        if chunks > 0 { damagedChunks.add(Double(chunks)) }
        if batches > 0 { damagedBatches.add(Double(batches)) }
    }
}
