// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Telemetry

/// Storage's own metrics.
struct StorageMeters: Sendable {
    private let series: Gauge
    private let appended: Counter
    private let late: Counter
    private let duplicate: Counter
    private let dropped: Counter

    init(_ telemetry: Registry) {
        series = telemetry.gauge("nightjar_storage_series", help: "Series that are known")
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
            help: "Samples dropped because their series had one at that time"
        )
        dropped = telemetry.counter(
            "nightjar_storage_samples_dropped_total",
            help: "Samples dropped because of the limit on series or a time too far ahead"
        )
        for counter in [appended, late, duplicate, dropped] { counter.add(0) }
        series.set(0)
    }

    func count(_ outcome: AppendOutcome, seriesCount: Int) {
        series.set(Double(seriesCount))
        appended.add(Double(outcome.appended + outcome.ended))
        if outcome.late > 0 { late.add(Double(outcome.late)) }
        if outcome.duplicate > 0 { duplicate.add(Double(outcome.duplicate)) }
        if outcome.dropped > 0 { dropped.add(Double(outcome.dropped)) }
    }
}
