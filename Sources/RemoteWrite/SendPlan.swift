// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Storage

/// Series as they are sent: labels encoded once, and by which shard.
struct SeriesDirectory: Sendable {
    private let options: RemoteWriteOptions
    /// Where a series is in the lists; `unwanted` for one that relabelling drops.
    private var places: [Int64: Int] = [:]
    /// Of each place the labels as fields of a message.
    private(set) var labels: ContiguousArray<[UInt8]> = []
    /// Of each place the shard.
    private(set) var shards: ContiguousArray<Int> = []

    /// The place of a series that is not sent.
    static let unwanted = -1
    /// Series known at most; then all are looked up anew.
    private static let limit = 1_000_000

    init(_ options: RemoteWriteOptions) { self.options = options }

    /// The series of these that are not known yet.
    func unknown(_ ids: some Sequence<Int64>) -> Set<Int64> {
        Set(ids.lazy.filter { places[$0] == nil })
    }

    mutating func learn(_ new: [Int64: LabelSet]) {
        if places.count + new.count > Self.limit {
            places = [:]
            labels = []
            shards = []
        }
        for (id, set) in new {
            let whole = complete(set)
            let changed = options.relabeling.map { $0(whole) } ?? whole
            guard let sent = changed, !sent.isEmpty else {
                places[id] = Self.unwanted
                continue
            }
            places[id] = labels.count
            labels.append(WriteRequestBuilder.encode(sent))
            shards.append(Int(sent.fingerprint % UInt64(max(1, options.queue.maxShards))))
        }
    }

    /// Where a series is; nil where it is gone.
    func place(of id: Int64) -> Int? { places[id] }

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
                guard let place = directory.place(of: sample.id) else {
                    unknown += 1
                    continue
                }
                guard place != SeriesDirectory.unwanted else {
                    unwanted += 1
                    continue
                }
                let shard = directory.shards[place]
                open[shard].add(sample, of: place)
                guard open[shard].count >= queue.maxSamplesPerSend else { continue }
                shards[shard].append(open[shard].request(directory))
                open[shard].clear()
            }
        }
        for shard in open.indices where open[shard].count > 0 {
            shards[shard].append(open[shard].request(directory))
        }
    }
}

/// Samples on their way into a request, those of one series together.
private struct OpenRequest {
    /// The samples as they came, each with the number of its series' next.
    private var samples: ContiguousArray<(sample: Sample, next: Int)> = []
    /// The series in the order of their first samples: their place, and their first and last sample.
    private var series: ContiguousArray<(place: Int, first: Int, last: Int)> = []
    /// The number of each place in `series`.
    private var numbers: [Int: Int] = [:]
    private var newest = Int64.min

    private static let none = -1

    var count: Int { samples.count }

    mutating func add(_ entry: LogBatch.Entry, of place: Int) {
        let sample = Sample(time: Timestamp(milliseconds: entry.time), value: entry.value)
        let new = samples.count
        samples.append((sample, Self.none))
        newest = max(newest, entry.time)
        if let number = numbers[place] {
            samples[series[number].last].next = new
            series[number].last = new
        } else {
            numbers[place] = series.count
            series.append((place, new, new))
        }
    }

    mutating func clear() {
        samples.removeAll(keepingCapacity: true)
        series.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        newest = .min
    }

    func request(_ directory: SeriesDirectory) -> SendPlan.Request {
        var builder = WriteRequestBuilder()
        var own: ContiguousArray<Sample> = []
        for (place, first, _) in series {
            own.removeAll(keepingCapacity: true)
            var next = first
            while next != Self.none {
                own.append(samples[next].sample)
                next = samples[next].next
            }
            builder.add(labels: directory.labels[place], own)
        }
        return SendPlan.Request(
            body: Snappy.compress(builder.bytes),
            sampleCount: count,
            newest: newest
        )
    }
}
