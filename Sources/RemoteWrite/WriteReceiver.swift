// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
public import Samples
public import Storage
public import Telemetry

/// Takes remote write 1.0 into storage.
///
/// What is right in a request is stored even where other parts of it are wrong. Source: Prometheus,
/// "Remote-Write 1.0 specification"; storage/remote/write_handler.go.
public final class WriteReceiver: Sendable {
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
    private let memory = Lock(SeriesMemory())

    /// Makes a receiver that appends to `store`.
    public init(store: SeriesStore, telemetry: Registry) {
        self.store = store
        meters = ReceiverMeters(telemetry)
    }

    /// Takes one request, whose headers are given as they came; nil and empty are alike.
    ///
    /// The protocol's version is told by the content type; the header that also says it is not asked.
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
        if let refusal = MediaType(contentType).refusal {
            return Answer(status: 415, message: refusal)
        }
        guard contentEncoding.isEmpty || contentEncoding.lowercased() == "snappy" else {
            let message =
                "\(contentEncoding) encoding (compression) is not accepted by this server;"
                + " only snappy is acceptable"
            return Answer(status: 415, message: message)
        }
        do {
            let message = try Snappy.uncompress(body, limit: Self.maxBytes)
            return try store(try WriteRequest(message), now)
        } catch Snappy.Failure.tooLarge(let count) {
            let message = "the request unpacks to \(count) bytes, more than \(Self.maxBytes)"
            return Answer(status: 413, message: message)
        } catch WireReader.Failure.tooMuch {
            let message = "the request has more than \(WriteRequest.maxParts) labels and samples"
            return Answer(status: 413, message: message)
        } catch is Snappy.Failure {
            return Answer(status: 400, message: "snappy: the request is no block of it")
        } catch {
            return Answer(status: 400, message: "the request is not a WriteRequest: \(error)")
        }
    }

    private func store(_ request: WriteRequest, _ now: Timestamp) throws -> Answer {
        var tally = WriteTally(request)
        let runs = try identify(request, now, &tally)
        store.describe(request.metadata)
        tally.outcome += store.append(
            WrittenSamples(runs: runs, times: request.times, values: request.values),
            at: now
        )
        meters.count(tally)
        return tally.answer
    }

    /// The series of a request that are right and have samples.
    ///
    /// - Throws: `WireReader.Failure` where a series' bytes are no message.
    private func identify(
        _ request: WriteRequest,
        _ now: Timestamp,
        _ tally: inout WriteTally
    ) throws -> ContiguousArray<WrittenSamples.Run> {
        let keys = request.series.map { SeriesMemory.Key(request.bytes, $0.labels) }
        var known = memory.withLock { memory in
            memory.tidy(at: now)
            return keys.map { memory.find($0) }
        }
        var runs: ContiguousArray<WrittenSamples.Run> = []
        runs.reserveCapacity(request.series.count)
        var new: [Int] = []
        let admission = store.admission(at: now)
        for (place, series) in request.series.enumerated() {
            if known[place] == nil {
                known[place] = try read(series, of: request, admission, &tally)
                if known[place] != nil { new.append(place) }
            }
            guard let labels = known[place] else { continue }
            runs.append(WrittenSamples.Run(labels: labels, samples: series.samples))
        }
        if !new.isEmpty {
            memory.withLock { memory in
                for place in new {
                    if let labels = known[place] { memory.keep(labels, for: keys[place]) }
                }
            }
        }
        return runs
    }

    /// Reads a series' labels; nil where nothing of it can be stored, which is counted.
    ///
    /// Texts are kept for the life of the process, so none is taken up for the sake of samples that
    /// are not stored.
    ///
    /// - Throws: `WireReader.Failure` where its bytes are no message.
    private func read(
        _ series: WriteRequest.Series,
        of request: WriteRequest,
        _ admission: WriteAdmission,
        _ tally: inout WriteTally
    ) throws -> LabelSet? {
        let labels: SeriesLabels
        do {
            labels = try SeriesLabels(request.bytes, series.labels)
        } catch let fault as LabelFault {
            tally.refuse(series.samples.count, fault)
            return nil
        }
        let times = request.times[series.samples]
        guard times.contains(where: admission.times.contains) else {
            tally.outcome.tooOld += times.count { $0 < admission.times.lowerBound }
            tally.outcome.tooFarAhead += times.count { $0 > admission.times.upperBound }
            return nil
        }
        let mayBeNew = admission.hasRoom && !Symbol.isTableFull
        guard let set = labels.labelSet(mayBeNew: mayBeNew) else {
            tally.outcome.dropped += times.count
            return nil
        }
        return set
    }
}
