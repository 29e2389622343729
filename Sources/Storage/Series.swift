// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// One series in memory: its chunks, the one being filled, and what is known of the disk.
///
/// There are as many of these as series, so each byte counts.
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
    /// The time of the oldest sample that is kept, here or on disk.
    private(set) var firstTime = Int64.max
    /// Packed chunks, which are on disk too where there is one.
    private(set) var saved = PackedRun()
    /// Full chunks that are not, oldest first; younger than those saved.
    private(set) var unsaved: ContiguousArray<Chunk> = []
    private(set) var open: ChunkWriter
    /// Whether the disk has chunks older than those here.
    private(set) var isOnDisk: Bool
    private let number: UInt32
    /// The number of the last append that had the series.
    var mark: UInt32 = 0
    /// Where in its target's batch the series was.
    var position: UInt32 = 0
    /// The first batch of the log that holds samples of the open chunk.
    private(set) var openSince: Int64 = 0

    /// Milliseconds that a chunk spans at most, which bounds the log that a start has to read.
    static let spanMs: Int64 = 1_800_000
    /// Milliseconds that an instant query looks back.
    private static let tailMs: Int64 = 300_000
    /// Series whose chunks end together; their rows are neighbours on disk.
    private static let togetherBits: UInt32 = 8

    init(labels: LabelSet, id: Int64) {
        self.labels = labels
        number = UInt32(id)
        isOnDisk = false
        open = ChunkWriter()
    }

    /// A series of which the disk has samples between two times.
    init(labels: LabelSet, id: Int64, onDiskFrom firstTime: Int64, through lastTime: Int64) {
        self.labels = labels
        number = UInt32(id)
        self.firstTime = firstTime
        isOnDisk = true
        open = ChunkWriter(after: lastTime)
    }

    /// Whether there never was a sample of it that is kept.
    var isNew: Bool { firstTime == .max }

    /// The number in the database, never used twice.
    var id: Int64 { Int64(number) }

    /// The time of the newest sample.
    var lastTime: Int64 { open.lastTime }

    /// The oldest time in memory; what is before it is on disk.
    var memoryStart: Int64 {
        saved.firstTime ?? unsaved.first?.firstTime ?? (open.count > 0 ? open.firstTime : .max)
    }

    /// Whether the last sample is a staleness marker.
    var isEnded: Bool {
        open.knowsLast && Double(bitPattern: open.lastValueBits).isStalenessMarker
    }

    /// Adds a sample, whose batch in the log is `batch`; says in `hasSealed` that a chunk got full.
    mutating func append(
        _ time: Int64,
        _ value: Double,
        batch: Int64,
        hasSealed: inout Bool
    ) -> Verdict {
        guard time > open.lastTime || firstTime == .max else { return refusal(time, value) }
        if open.count > 0,
            open.count >= Chunk.capacity || span(of: time) != span(of: open.firstTime)
        {
            seal()
            hasSealed = true
        }
        if open.count == 0 { openSince = batch }
        open.append(time, value)
        if time < firstTime { firstTime = time }
        return .appended
    }

    /// The span of time that a chunk may not go beyond.
    ///
    /// Groups of series change spans at different times: else all of a target would fill a chunk at the
    /// same moment, and the memory and the time of that moment would be many times the usual.
    private func span(of time: Int64) -> Int64 {
        let phase = Int64(((number >> Self.togetherBits) &* 0x9E37_79B1) >> 11)
        return (time &+ phase) / Self.spanMs
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
        if time == open.lastTime { return open.knowsLast ? open.lastValueBits : nil }
        var found = SeriesSamples(labels: labels)
        if open.count > 0, time >= open.firstTime {
            _ = open.chunk().decode(from: time, through: time, into: &found)
        } else if let chunk = unsaved.last(where: { $0.firstTime <= time }) {
            _ = chunk.decode(from: time, through: time, into: &found)
        } else {
            saved.decode(from: time, through: time, into: &found)
        }
        return found.values.first?.bitPattern
    }

    /// Ends the open chunk.
    mutating func seal() {
        guard open.count > 0 else { return }
        unsaved.append(open.chunk())
        open = ChunkWriter(after: open)
    }

    /// From when on memory has the samples, where it has all samples since `recent`.
    ///
    /// A series that stopped before without an end keeps its tail: whoever looks at the end of old data
    /// asks for as much, of every series at once.
    func windowStart(_ recent: Int64) -> Int64 {
        isEnded || firstTime == .max ? recent : min(recent, lastTime &- Self.tailMs)
    }

    /// Puts packed chunks, which end before all that memory has, before it.
    mutating func warm(_ chunks: ContiguousArray<Chunk>) {
        guard let last = chunks.last, last.lastTime < memoryStart else { return }
        saved = PackedRun().adding(chunks + saved.chunks)
    }

    /// Notes the last sample's value, which only the disk had.
    mutating func learnLast(_ valueBits: UInt64) { open.learnLast(valueBits) }

    /// Takes the unsaved chunks of a run as saved, in the form that they were given.
    mutating func markSaved(_ run: FlushWork.SealedRun, onDisk: Bool) {
        // What was dropped meanwhile must not come back.
        if saved.isSame(as: run.saved) { saved = run.joined } else { saved.append(run.chunks) }
        unsaved = unsaved.count == run.count ? [] : ContiguousArray(unsaved[run.count...])
        if onDisk { isOnDisk = true }
    }

    /// Notes that the disk has nothing of the series any more.
    mutating func forgetDisk() {
        unsaved = saved.chunks + unsaved
        saved = PackedRun()
        isOnDisk = false
        firstTime = memoryStart
    }

    /// Notes that the disk has samples that are older than all others.
    mutating func noteOnDisk(from first: Int64, through last: Int64) {
        if open.count == 0, lastTime < last { open = ChunkWriter(after: last) }
        firstTime = min(firstTime, first)
        isOnDisk = true
    }

    /// Takes back the unsaved chunks of a run that the disk refused, in the form that they got.
    mutating func restore(_ run: FlushWork.SealedRun) {
        guard unsaved.count >= run.count else { return }
        unsaved = run.chunks + unsaved[run.count...]
    }

    /// Drops chunks that ended before `time`; of those not on disk only where `evenUnsaved`.
    ///
    /// Returns how many samples are lost with that.
    mutating func drop(before time: Int64, evenUnsaved: Bool) -> Int {
        if let first = saved.firstTime, first < time { saved.drop(before: time) }
        guard evenUnsaved, saved.isEmpty, let first = unsaved.first, first.lastTime < time else {
            return 0
        }
        let kept = unsaved.firstIndex { $0.lastTime >= time } ?? unsaved.endIndex
        let lost = unsaved[..<kept].reduce(0) { $0 + $1.count }
        unsaved.removeFirst(kept)
        return lost
    }

    /// Notes that nothing before `time` is kept on disk.
    mutating func forget(before time: Int64) {
        if firstTime < time { firstTime = min(time, memoryStart, lastTime) }
    }

    /// How many chunks memory has, the one being filled included.
    var chunkCount: Int { saved.count + unsaved.count + (open.count > 0 ? 1 : 0) }

    /// Bytes that the samples take in memory.
    var byteCount: Int {
        unsaved.reduce(open.byteCount + saved.byteCount) { $0 + $1.words.count * 8 }
    }
}
