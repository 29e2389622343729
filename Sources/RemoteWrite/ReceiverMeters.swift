// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Storage
internal import Telemetry

/// The receiver's own metrics.
struct ReceiverMeters: Sendable {
    private let requests: Counter
    private let samples: Counter
    private let histograms: Counter
    private let exemplars: Counter
    private let faults: Counter

    private static let outcomes = [
        "stored", "duplicate", "conflicting", "late", "too_old", "too_far_ahead", "limited",
        "invalid",
    ]

    init(_ telemetry: Registry) {
        requests = telemetry.counter(
            "nightjar_remote_write_received_requests_total",
            help: "Remote-write requests received, by the status that they got"
        )
        samples = telemetry.counter(
            "nightjar_remote_write_received_samples_total",
            help: "Samples received by remote write, by what became of them; a duplicate was there"
                + " already, a conflicting one has another value than the one that was there"
        )
        histograms = telemetry.counter(
            "nightjar_remote_write_received_histograms_total",
            help: "Native histograms received by remote write and refused"
        )
        exemplars = telemetry.counter(
            "nightjar_remote_write_received_exemplars_total",
            help: "Exemplars received by remote write, which are not kept"
        )
        faults = telemetry.counter(
            "nightjar_remote_write_received_invalid_series_total",
            help: "Series received by remote write whose labels are wrong, by what is wrong"
        )
        for reason in LabelFault.reasons { faults.add(0, ["reason": reason]) }
        for outcome in Self.outcomes { samples.add(0, ["outcome": outcome]) }
        requests.add(0, ["code": "204"])
        histograms.add(0)
        exemplars.add(0)
    }

    func answered(_ status: Int) { requests.add(1, ["code": String(status)]) }

    func count(_ tally: WriteTally) {
        let counts = [
            tally.outcome.appended, tally.outcome.duplicate, tally.outcome.conflicting,
            tally.outcome.late, tally.outcome.tooOld, tally.outcome.tooFarAhead,
            tally.outcome.dropped, tally.invalid,
        ]
        for (outcome, count) in zip(Self.outcomes, counts) where count > 0 {
            samples.add(Double(count), ["outcome": outcome])
        }
        for (reason, count) in tally.faults { faults.add(Double(count), ["reason": reason]) }
        if tally.histograms > 0 { histograms.add(Double(tally.histograms)) }
        if tally.exemplars > 0 { exemplars.add(Double(tally.exemplars)) }
    }
}
