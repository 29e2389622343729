// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Telemetry

/// The notifier's own metrics.
struct PipelineMeters: Sendable {
    let decided: Counter
    let attempts: Counter
    let failedAttempts: Counter
    let delivered: Counter
    let givenUp: Counter
    let suppressed: Counter
    let duration: Histogram
    let outbox: Gauge
    let coalesced: Counter
    let dropped: Counter
    let saveFailures: Counter

    init(_ registry: Registry) {
        decided = registry.counter(
            "nightjar_notifications_total",
            help: "Messages that were decided and queued."
        )
        attempts = registry.counter(
            "nightjar_notifications_attempts_total",
            help: "Attempts to deliver a message."
        )
        failedAttempts = registry.counter(
            "nightjar_notifications_failed_attempts_total",
            help: "Attempts to deliver that failed, by reason."
        )
        delivered = registry.counter(
            "nightjar_notifications_delivered_total",
            help: "Messages that a receiver took."
        )
        givenUp = registry.counter(
            "nightjar_notifications_failed_total",
            help: "Messages that were given up."
        )
        suppressed = registry.counter(
            "nightjar_notifications_suppressed_total",
            help: "Alerts that a flush left out, by what muted them."
        )
        duration = registry.histogram(
            "nightjar_notifications_duration_seconds",
            help: "How long an attempt took.",
            bounds: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 30, 60]
        )
        outbox = registry.gauge(
            "nightjar_outbox_deliveries",
            help: "Messages that wait to be delivered."
        )
        coalesced = registry.counter(
            "nightjar_outbox_coalesced_total",
            help: "Waiting messages that a newer one of their group replaced."
        )
        dropped = registry.counter(
            "nightjar_outbox_dropped_total",
            help: "Messages dropped because the outbox was full."
        )
        saveFailures = registry.counter(
            "nightjar_outbox_save_failures_total",
            help: "Times that the outbox could not be saved; it goes on from memory."
        )
    }
}
