// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// One series in memory: its chunks, the one being filled, and what is known of the disk.
struct Series {
    /// What came of one sample.
    enum Verdict {
        case appended
        /// Older than the newest.
        case late
        /// Stored already.
        case duplicate
        /// The time has another value.
        case conflicting
    }

    let labels: LabelSet
    /// The number in the database, never used twice.
    let id: Int64
    /// The time of the oldest sample that is kept, here or on disk.
    private(set) var firstTime = Int64.max
    /// The time of the newest sample.
    private(set) var lastTime = Int64.min
    /// Full chunks, oldest first; the first `savedCount` are on disk too.
    private(set) var sealed: ContiguousArray<Chunk> = []
    private(set) var savedCount = 0
    private(set) var open = ChunkWriter()
    /// The first batch of the log that holds samples of the open chunk.
    private(set) var openSince: Int64 = 0
    /// Whether the disk has chunks older than those here.
    private(set) var isOnDisk: Bool
    /// The number of the last append that had the series.
    var mark: UInt64 = 0

    /// Milliseconds that a chunk spans at most, which bounds the log that a start has to read.
    static let spanMs: Int64 = 1_800_000

    init(labels: LabelSet, id: Int64) {
        self.labels = labels
        self.id = id
        isOnDisk = false
    }

    /// A series of which the disk has samples between two times.
    init(labels: LabelSet, id: Int64, onDiskFrom firstTime: Int64, through lastTime: Int64) {
        self.labels = labels
        self.id = id
        self.firstTime = firstTime
        self.lastTime = lastTime
        isOnDisk = true
    }

    /// The oldest time in memory; what is before it is on disk.
    var memoryStart: Int64 {
        sealed.first?.firstTime ?? (open.count > 0 ? open.firstTime : .max)
    }

    /// The chunks that are not on disk yet.
    var unsaved: ContiguousArray<Chunk>.SubSequence { sealed[savedCount...] }

    /// Whether the last sample is a staleness marker.
    var isEnded: Bool {
        open.count > 0 && Double(bitPattern: open.lastValueBits).isStalenessMarker
    }

    /// Adds a sample, whose batch in the log is `batch`; says in `hasSealed` that a chunk got full.
    mutating func append(
        _ time: Int64,
        _ value: Double,
        batch: Int64,
        hasSealed: inout Bool
    ) -> Verdict {
        guard time > lastTime || firstTime == .max else { return refusal(time, value) }
        if open.count >= Chunk.capacity
            || (open.count > 0 && time &- open.firstTime > Self.spanMs)
        {
            seal()
            hasSealed = true
        }
        if open.count == 0 { openSince = batch }
        open.append(time, value)
        lastTime = time
        firstTime = min(firstTime, time)
        return .appended
    }

    /// Why a sample that is not the newest stays out.
    ///
    /// A sender that is not sure repeats what it sent, so all that memory has is looked at; what is on
    /// disk only counts as late, but for the newest, whose value need not be known after a start.
    private func refusal(_ time: Int64, _ value: Double) -> Verdict {
        guard let bits = valueBits(at: time) else { return time == lastTime ? .duplicate : .late }
        return bits == value.bitPattern ? .duplicate : .conflicting
    }

    /// The value at a time; nil where memory has none.
    private func valueBits(at time: Int64) -> UInt64? {
        if open.count > 0, time == open.lastTime { return open.lastValueBits }
        let isOpen = open.count > 0 && time >= open.firstTime
        let chunk = isOpen ? open.chunk() : sealed.last { $0.firstTime <= time }
        guard let chunk, time <= chunk.lastTime else { return nil }
        var found = SeriesSamples(labels: labels)
        _ = chunk.decode(from: time, through: time, into: &found)
        return found.values.first?.bitPattern
    }

    /// Ends the open chunk.
    mutating func seal() {
        guard open.count > 0 else { return }
        sealed.append(open.chunk())
        open = ChunkWriter()
    }

    /// Notes that the disk has all full chunks through `time`, which it has as `saved`.
    mutating func markSaved(through time: Int64, as saved: ContiguousArray<Chunk>) {
        var end = savedCount
        while end < sealed.count, sealed[end].lastTime <= time { end += 1 }
        guard end > savedCount else { return }
        // Fewer and smaller than they were.
        var all: ContiguousArray<Chunk> = []
        all.reserveCapacity(savedCount + saved.count + sealed.count - end)
        all += sealed[..<savedCount]
        all += saved
        all += sealed[end...]
        savedCount += saved.count
        sealed = all
        isOnDisk = true
    }

    /// Notes that the disk has nothing of the series any more.
    mutating func forgetDisk() {
        savedCount = 0
        isOnDisk = false
        firstTime = memoryStart
    }

    /// Drops chunks that ended before `time`; of those not on disk only where `evenUnsaved`.
    ///
    /// Returns how many samples are lost with that.
    mutating func drop(before time: Int64, evenUnsaved: Bool) -> Int {
        var dropped = 0
        var lost = 0
        for (place, chunk) in sealed.enumerated() {
            guard chunk.lastTime < time, evenUnsaved || place < savedCount else { break }
            dropped += 1
            if place >= savedCount { lost += chunk.count }
        }
        guard dropped > 0 else { return 0 }
        sealed.removeFirst(dropped)
        savedCount = max(0, savedCount - dropped)
        return lost
    }

    /// Notes that nothing before `time` is kept on disk.
    mutating func forget(before time: Int64) {
        if firstTime < time { firstTime = min(time, memoryStart, lastTime) }
    }

    /// Bytes that the samples take in memory.
    var byteCount: Int {
        sealed.reduce(open.byteCount) { $0 + $1.words.count * 8 }
    }
}
