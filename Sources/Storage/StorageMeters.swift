// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Telemetry

/// Storage's own metrics.
struct StorageMeters: Sendable {
    let samples: SampleMeters
    let faults: FaultMeters
    private let series: Gauge
    private let symbols: Gauge
    private let flushSeconds: Histogram
    private let memoryBytes: Gauge
    private let diskBytes: Gauge
    private let oldestSeconds: Gauge
    private let warming: Gauge

    init(_ telemetry: Registry) {
        samples = SampleMeters(telemetry)
        faults = FaultMeters(telemetry)
        series = telemetry.gauge("nightjar_storage_series", help: "Series that are known")
        symbols = telemetry.gauge(
            "nightjar_storage_symbols",
            help: "Different names and values of labels, kept until the process ends"
        )
        flushSeconds = telemetry.histogram(
            "nightjar_storage_flush_duration_seconds",
            help: "How long it took to bring the last samples to disk"
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
        for gauge in [series, symbols, memoryBytes, diskBytes, warming] { gauge.set(0) }
    }

    func flushed(in duration: Duration) { flushSeconds.observe(duration.inSeconds) }

    func setWarming(_ isWarming: Bool) { warming.set(isWarming ? 1 : 0) }

    func tidied(diskBytes: Int64) { self.diskBytes.set(Double(diskBytes)) }

    func tidied(memoryBytes: Int, lost: Int, oldest: Int64?) {
        self.memoryBytes.set(Double(memoryBytes))
        samples.lost(lost)
        if let oldest { oldestSeconds.set(Timestamp(milliseconds: oldest).seconds) }
    }

    func count(_ outcome: AppendOutcome, seriesCount: Int) {
        series.set(Double(seriesCount))
        symbols.set(Double(Symbol.count))
        samples.count(outcome)
    }
}
