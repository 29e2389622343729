// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Storage

/// What became of one request's parts.
struct WriteTally {
    var outcome = AppendOutcome()
    let histograms: Int
    let exemplars: Int
    /// Samples of series that are wrong.
    private(set) var invalid = 0
    /// Series that are wrong, by the reason.
    private(set) var faults: [String: Int] = [:]
    /// The first series that was wrong.
    private var fault: LabelFault?

    init(_ request: WriteRequest) {
        histograms = request.histogramCount
        exemplars = request.exemplarCount
    }

    /// Counts a series that is wrong, with its samples.
    mutating func refuse(_ samples: Int, _ fault: LabelFault) {
        invalid += samples
        faults[fault.reason, default: 0] += 1
        self.fault = self.fault ?? fault
    }

    /// What the sender is told; a sample that is there already is no fault.
    var answer: WriteReceiver.Answer {
        var refused: [String] = []
        func note(_ count: Int, _ what: String) {
            if count > 0 { refused.append("\(count) \(what)") }
        }
        note(outcome.late, "out of order samples")
        note(outcome.conflicting, "samples of other values at times that have one")
        note(outcome.dropped, "samples above the limit on series")
        note(outcome.tooOld, "samples older than the retention")
        note(outcome.tooFarAhead, "samples too far ahead of the clock")
        note(histograms, "native histograms, which are not supported")
        if let fault {
            let count = faults.values.reduce(0, +)
            note(count, "invalid series of \(invalid) samples: \(fault.description)")
        }
        guard !refused.isEmpty else { return WriteReceiver.Answer(status: 204, message: "") }
        let message =
            "refused \(refused.joined(separator: "; ")); stored \(outcome.appended) samples"
        return WriteReceiver.Answer(status: 400, message: message)
    }
}
