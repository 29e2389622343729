// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Storage
internal import Telemetry

/// The `nightjar_source_*` and `nightjar_collector_up` metrics of one target.
struct SourceTelemetry {
    private let labels: LabelSet
    private let up: Gauge
    private let failure: Gauge
    private let duration: Histogram
    private let lastSuccess: Gauge
    private let polls: Counter
    private let skipped: Counter
    private let series: Gauge
    private let dropped: Counter
    private let part: Gauge

    init(_ target: TargetID, in registry: Registry) {
        labels = LabelSet([("kind", target.kind), ("name", target.name)])
        up = registry.gauge("nightjar_source_up", help: "1 if the last poll succeeded.")
        failure = registry.gauge(
            "nightjar_source_failure",
            help: "1 for the reason why the last poll failed."
        )
        duration = registry.histogram(
            "nightjar_source_poll_duration_seconds",
            help: "How long polls took."
        )
        lastSuccess = registry.gauge(
            "nightjar_source_last_success_timestamp_seconds",
            help: "When a poll last succeeded."
        )
        polls = registry.counter("nightjar_source_polls_total", help: "Polls made.")
        skipped = registry.counter(
            "nightjar_source_polls_skipped_total",
            help: "Slots that passed while a poll before them still ran."
        )
        series = registry.gauge("nightjar_source_series", help: "Series of the last poll.")
        dropped = registry.counter(
            "nightjar_source_series_dropped_total",
            help: "Samples left out because of limits."
        )
        part = registry.gauge(
            "nightjar_collector_up",
            help: "1 if this part of the last poll succeeded."
        )
        skipped.add(0, labels)
        dropped.add(0, labels)
    }

    func skip(_ count: Int) { skipped.add(Double(count), labels) }

    func record(
        _ outcome: PollOutcome,
        slot: Timestamp,
        took elapsed: Duration,
        dropped samples: Int
    ) {
        polls.add(1, labels)
        duration.observe(elapsed.inSeconds, labels)
        up.set(outcome.failure == nil ? 1 : 0, labels)
        let reason = outcome.failure.map { labels.setting("reason", to: $0.reason.rawValue) }
        removeAll(failure) { $0 != reason }
        if let reason { failure.set(1, reason) } else { lastSuccess.set(slot.seconds, labels) }
        series.set(Double(outcome.families.reduce(0) { $0 + $1.samples.count }), labels)
        dropped.add(Double(samples + outcome.droppedSamples), labels)
        // A poll that failed as a whole says nothing of its parts but that they are down.
        guard outcome.failure == nil || !outcome.parts.isEmpty else { return failParts() }
        let parts = outcome.parts.map { (labels.setting("collector", to: $0.name), $0.failure) }
        let current = Set(parts.map(\.0))
        removeAll(part) { !current.contains($0) }
        for (labels, failure) in parts { part.set(failure == nil ? 1 : 0, labels) }
    }

    /// Ends the gauges; the counters stay, as counters do.
    func end() {
        for gauge in [up, failure, lastSuccess, series, part] { removeAll(gauge) { _ in true } }
    }

    private func failParts() {
        let down = part.labelSets.filter(isOurs)
        for labels in down { part.set(0, labels) }
    }

    private func removeAll(_ gauge: Gauge, where matches: (LabelSet) -> Bool) {
        gauge.remove { isOurs($0) && matches($0) }
    }

    private func isOurs(_ other: LabelSet) -> Bool {
        labels.labels.allSatisfy { other[$0.name] == $0.value }
    }
}
