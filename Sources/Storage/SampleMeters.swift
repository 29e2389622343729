// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Telemetry

/// What became of samples.
struct SampleMeters: Sendable {
    private let appended: Counter
    private let late: Counter
    private let duplicate: Counter
    private let conflicting: Counter
    private let outOfBounds: Counter
    private let dropped: Counter
    private let lost: Counter

    init(_ telemetry: Registry) {
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
        for counter in [appended, late, duplicate, conflicting, outOfBounds, dropped, lost] {
            counter.add(0)
        }
    }

    func count(_ outcome: AppendOutcome) {
        appended.add(Double(outcome.appended + outcome.ended + outcome.born))
        add(outcome.late, to: late)
        add(outcome.duplicate, to: duplicate)
        add(outcome.conflicting, to: conflicting)
        add(outcome.tooOld + outcome.tooFarAhead, to: outOfBounds)
        add(outcome.dropped, to: dropped)
    }

    func lost(_ count: Int) { add(count, to: lost) }

    private func add(_ count: Int, to counter: Counter) {
        if count > 0 { counter.add(Double(count)) }
    }
}
