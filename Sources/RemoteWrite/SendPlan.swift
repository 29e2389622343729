// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Storage

/// Series as they are sent: labels encoded once, and by which shard.
struct SeriesDirectory: Sendable {
    struct Entry: Sendable {
        let labels: [UInt8]
        let shard: Int
    }

    private let options: RemoteWriteOptions
    /// Nil for a series that relabelling drops.
    private var entries: [Int64: Entry?] = [:]

    /// Series known at most; then all are looked up anew.
    private static let limit = 1_000_000

    init(_ options: RemoteWriteOptions) { self.options = options }

    /// The series of these that are not known yet.
    func unknown(_ ids: some Sequence<Int64>) -> Set<Int64> {
        Set(ids.lazy.filter { entries[$0] == nil })
    }

    mutating func learn(_ labels: [Int64: LabelSet]) {
        if entries.count + labels.count > Self.limit { entries = [:] }
        for (id, set) in labels {
            let whole = complete(set)
            let changed = options.relabeling.map { $0(whole) } ?? whole
            guard let sent = changed, !sent.isEmpty else {
                entries.updateValue(nil, forKey: id)
                continue
            }
            let shard = sent.fingerprint % UInt64(max(1, options.queue.maxShards))
            entries[id] = Entry(labels: WriteRequestBuilder.encode(sent), shard: Int(shard))
        }
    }

    /// The series; nil where it is gone, and nil inside where it is not sent.
    subscript(id: Int64) -> Entry?? { entries[id] }

    private func complete(_ labels: LabelSet) -> LabelSet {
        options.externalLabels.labels.reduce(labels) { result, label in
            result[label.name] == nil ? result.setting(label.name, to: label.value) : result
        }
    }
}

/// The requests that some batches of the log make, by shard.
///
/// The same batches make the same requests each time, so that what is sent again after a crash is
/// known to the receiver as a whole or not at all.
struct SendPlan: Sendable {
    struct Request: Sendable {
        let body: [UInt8]
        let sampleCount: Int
        let newest: Int64
    }

    /// Of each shard its requests, in the order that they must be sent in.
    private(set) var shards: [[Request]] = []
    /// Samples whose series is not there any more.
    private(set) var unknown = 0
    /// Samples older than the limit.
    private(set) var tooOld = 0
    /// Samples that relabelling dropped.
    private(set) var unwanted = 0

    init(
        _ batches: [LogBatch],
        _ directory: SeriesDirectory,
        _ queue: RemoteWriteOptions.Queue,
        now: Timestamp
    ) {
        let oldest = queue.oldest(at: now)
        var open = Array(repeating: OpenRequest(), count: max(1, queue.maxShards))
        shards = Array(repeating: [], count: open.count)
        for batch in batches {
            for sample in batch.entries {
                guard sample.time >= oldest else {
                    tooOld += 1
                    continue
                }
                guard let known = directory[sample.id] else {
                    unknown += 1
                    continue
                }
                guard let series = known else {
                    unwanted += 1
                    continue
                }
                open[series.shard].add(sample)
                guard open[series.shard].count >= queue.maxSamplesPerSend else { continue }
                shards[series.shard].append(open[series.shard].request(directory))
                open[series.shard] = OpenRequest()
            }
        }
        for shard in open.indices where open[shard].count > 0 {
            shards[shard].append(open[shard].request(directory))
        }
    }
}

/// Samples on their way into a request, those of one series together.
private struct OpenRequest {
    private(set) var count = 0
    private var places: [Int64: Int] = [:]
    private var series: [(id: Int64, samples: [Sample])] = []
    private var newest = Int64.min

    mutating func add(_ entry: LogBatch.Entry) {
        let sample = Sample(time: Timestamp(milliseconds: entry.time), value: entry.value)
        count += 1
        newest = max(newest, entry.time)
        if let place = places[entry.id] {
            series[place].samples.append(sample)
        } else {
            places[entry.id] = series.count
            series.append((entry.id, [sample]))
        }
    }

    func request(_ directory: SeriesDirectory) -> SendPlan.Request {
        var builder = WriteRequestBuilder()
        for (id, samples) in series {
            if let entry = directory[id], let entry { builder.add(labels: entry.labels, samples) }
        }
        return SendPlan.Request(
            body: Snappy.compress(builder.bytes),
            sampleCount: count,
            newest: newest
        )
    }
}
