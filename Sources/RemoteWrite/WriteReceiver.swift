// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples
public import Storage
public import Telemetry

/// Takes remote write 1.0 into storage.
///
/// What is right in a request is stored even where other parts of it are wrong. Source: Prometheus,
/// "Remote-Write 1.0 specification"; storage/remote/write_handler.go.
public struct WriteReceiver: Sendable {
    /// What the sender is told.
    public struct Answer: Sendable, Hashable {
        /// 204 where everything is stored; a sender tries nothing again that got a 4xx.
        public var status: Int
        /// Why something was refused; empty with 204.
        public var message: String
    }

    /// Bytes of an unpacked request at most.
    public static let maxBytes = 32 << 20

    private let store: SeriesStore
    private let meters: ReceiverMeters

    /// Makes a receiver that appends to `store`.
    public init(store: SeriesStore, telemetry: Registry) {
        self.store = store
        meters = ReceiverMeters(telemetry)
    }

    /// Takes one request, whose headers are given as they came; nil and empty are alike.
    public func receive(
        _ body: [UInt8],
        contentType: String?,
        contentEncoding: String?,
        now: Timestamp
    ) -> Answer {
        let answer = answer(body, contentType ?? "", contentEncoding ?? "", now)
        meters.answered(answer.status)
        return answer
    }

    private func answer(
        _ body: [UInt8],
        _ contentType: String,
        _ contentEncoding: String,
        _ now: Timestamp
    ) -> Answer {
        guard MediaType(contentType).isRemoteWrite1 else {
            let what = "content type \(quoted(contentType))"
            return Answer(status: 415, message: "\(what) is not remote write 1.0")
        }
        guard contentEncoding.isEmpty || contentEncoding.lowercased() == "snappy" else {
            let what = "content encoding \(quoted(contentEncoding))"
            return Answer(status: 415, message: "\(what) is not snappy")
        }
        do {
            let message = try Snappy.uncompress(body, limit: Self.maxBytes)
            return store(try WriteRequest(message), now)
        } catch Snappy.Failure.tooLarge(let count) {
            let message = "the request unpacks to \(count) bytes, more than \(Self.maxBytes)"
            return Answer(status: 413, message: message)
        } catch WireReader.Failure.tooMuch {
            let message = "the request has more than \(WriteRequest.maxParts) labels and samples"
            return Answer(status: 413, message: message)
        } catch is Snappy.Failure {
            return Answer(status: 400, message: "the request is not a block of snappy")
        } catch {
            return Answer(status: 400, message: "the request is not a WriteRequest: \(error)")
        }
    }

    private func store(_ request: WriteRequest, _ now: Timestamp) -> Answer {
        var tally = WriteTally()
        var written: [SeriesSamples] = []
        written.reserveCapacity(request.series.count)
        for series in request.series {
            tally.histograms += series.histogramCount
            tally.exemplars += series.exemplarCount
            do throws(LabelFault) {
                let labels = try series.labelSet()
                written.append(
                    SeriesSamples(
                        labels: labels,
                        times: ContiguousArray(series.samples.map(\.time.milliseconds)),
                        values: ContiguousArray(series.samples.map(\.value))
                    )
                )
            } catch {
                tally.invalid += series.samples.count
                if tally.fault == nil { tally.fault = error }
            }
        }
        store.describe(request.metadata)
        tally.outcome = store.append(written, at: now)
        meters.count(tally)
        return tally.answer
    }
}

/// What became of one request's parts.
struct WriteTally {
    var outcome = AppendOutcome()
    var invalid = 0
    var histograms = 0
    var exemplars = 0
    /// The first series that was wrong.
    var fault: LabelFault?

    var answer: WriteReceiver.Answer {
        var faults: [String] = []
        func note(_ count: Int, _ what: String) {
            if count > 0 { faults.append("\(count) \(what)") }
        }
        note(outcome.late, "out of order samples")
        note(outcome.conflicting, "samples of other values at times that have one")
        note(outcome.dropped, "samples above the limit on series")
        note(outcome.tooOld, "samples older than the retention")
        note(outcome.tooFarAhead, "samples too far ahead of the clock")
        note(histograms, "native histograms, which are not supported")
        if let fault { note(max(invalid, 1), "samples of invalid series: \(fault.description)") }
        guard !faults.isEmpty else { return WriteReceiver.Answer(status: 204, message: "") }
        let message =
            "refused \(faults.joined(separator: "; ")); stored \(outcome.appended) samples"
        return WriteReceiver.Answer(status: 400, message: message)
    }
}
