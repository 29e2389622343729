// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Samples that storage took, in the order of their arrival, as they lie in its log.
public struct LogBatch: Sendable {
    /// One sample of a series.
    public struct Entry: Sendable, Hashable, BitwiseCopyable {
        /// The series' number, never used twice; `SeriesStore.labels(of:)` tells its labels.
        public let id: Int64
        /// Milliseconds since the Unix epoch.
        public let time: Int64
        /// The value; staleness markers are among them.
        public let value: Double
    }

    /// The batch's number; later ones are higher.
    public let number: Int64
    /// The samples.
    public let entries: ContiguousArray<Entry>
}

/// How much of the log a follower has not got yet.
public struct LogBacklog: Sendable, Hashable {
    /// Samples.
    public var samples = 0
    /// Bytes that they take on disk, or in memory where that is all there is.
    public var bytes = 0

    /// Makes a backlog of nothing.
    public init() {}
}

/// Who follows the log, and where they are; and the log itself where memory is all there is.
struct LogFollowers: Sendable {
    /// The last batch that each follower has no more use for.
    private var positions: [String: Int64] = [:]
    /// The last batch that can be read.
    var end: Int64
    private var batches: [LogBatch] = []

    /// Samples kept at most in memory: 24 MB.
    private static let maxSamples = 1_000_000

    init(end: Int64) { self.end = end }

    var isEmpty: Bool { positions.isEmpty }

    /// The last batch that no follower has use for.
    var released: Int64 { positions.values.min() ?? .max }

    mutating func add(_ follower: String, _ position: Int64) { positions[follower] = position }

    mutating func remove(_ follower: String) {
        positions[follower] = nil
        trim()
    }

    mutating func release(_ follower: String, through number: Int64) {
        guard let position = positions[follower] else { return }
        positions[follower] = max(position, number)
        trim()
    }

    /// Keeps a batch where no disk does; the oldest goes where there are too many samples.
    mutating func keep(_ log: PendingLog) {
        guard log.samples.count > 0 else { return }
        end = log.number
        guard !isEmpty else { return }
        var entries: ContiguousArray<LogBatch.Entry> = []
        LogReader.read(log.samples) { entries.append($0) }
        batches.append(LogBatch(number: log.number, entries: entries))
        var count = batches.reduce(0) { $0 + $1.entries.count }
        while count > Self.maxSamples, batches.count > 1 {
            count -= batches.removeFirst().entries.count
        }
    }

    /// The batches after a number, oldest first, until they have so many samples.
    func batches(after number: Int64, limit: Int) -> [LogBatch] {
        var count = 0
        return Array(
            batches.lazy.filter { $0.number > number }.prefix { batch in
                defer { count += batch.entries.count }
                return count < limit
            }
        )
    }

    func backlog(after number: Int64) -> LogBacklog {
        var backlog = LogBacklog()
        for batch in batches where batch.number > number {
            backlog.samples += batch.entries.count
            backlog.bytes += batch.entries.count * MemoryLayout<LogBatch.Entry>.stride
        }
        return backlog
    }

    private mutating func trim() {
        let released = released
        batches.removeAll { $0.number <= released }
    }
}
