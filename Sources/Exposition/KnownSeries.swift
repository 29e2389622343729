// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc
internal import Samples

/// The series of a target's pages by their text, which is the series as written on a line.
///
/// A target writes the same lines in the same order each time, so the next line of the last page is
/// compared first; only a line that is elsewhere is looked for by its hash, and only a new one parsed.
struct KnownSeries: Sendable {
    /// A line's series as written: bytes of `texts`, and which series that is.
    private struct Line {
        let start: Int
        let length: Int
        let hash: UInt64
        let series: Int
    }

    /// A series, which may be written in more than one way.
    struct Entry {
        /// The metric's name on the page.
        let name: Symbol
        /// The hash of the labels on the page.
        let hash: UInt64
        /// The labels that its samples get; nil where they are dropped.
        let labels: LabelSet?
        /// The last page that had it.
        var page: UInt32
    }

    private(set) var entries: ContiguousArray<Entry> = []
    private var lines: ContiguousArray<Line> = []
    private var texts: [UInt8] = []
    /// Lines by the hash of their text; of two with one hash the later is here.
    private var lineOfText: [UInt64: Int] = [:]
    /// Series by the hash of their labels.
    private var entryOfLabels: [UInt64: Int] = [:]
    /// The lines of the last page, in order, and of this one.
    private var order: ContiguousArray<Int> = []
    private var nextOrder: ContiguousArray<Int> = []
    private var next = 0
    /// The number of the page that is read.
    private(set) var page: UInt32 = 1

    /// Begins a page.
    mutating func begin() {
        page &+= 1
        next = 0
        nextOrder.removeAll(keepingCapacity: true)
        nextOrder.reserveCapacity(order.count)
    }

    /// Ends a page; what it had not is forgotten once there is much of it.
    mutating func end() {
        swap(&order, &nextOrder)
        guard lines.count > 2 * order.count + 1_000 else { return }
        var kept = KnownSeries()
        kept.page = page
        for line in order {
            let old = lines[line]
            let entry = entries[old.series]
            let series = kept.entryOfLabels[entry.hash] ?? kept.add(entry)
            kept.add(texts[old.start..<(old.start + old.length)], old.hash, of: series)
        }
        kept.order = kept.nextOrder
        self = kept
    }

    /// Steps over the series that the line begins with, if it is a known one; returns which.
    mutating func take(from cursor: inout ByteCursor) -> Int? {
        if next < order.count {
            let line = lines[order[next]]
            if cursor.take(texts, from: line.start, count: line.length) {
                nextOrder.append(order[next])
                next += 1
                return line.series
            }
        }
        return nil
    }

    /// Which series a text is, where it is known from elsewhere on the page; nil for a new one.
    mutating func find(_ text: ArraySlice<UInt8>) -> Int? {
        guard let line = lineOfText[hashBytes(text)] else { return nil }
        let known = lines[line]
        guard texts[known.start..<(known.start + known.length)] == text else { return nil }
        // It goes on behind the place that the line had, if it had one near.
        for place in next..<min(next + 8, order.count) where order[place] == line {
            next = place + 1
        }
        nextOrder.append(line)
        return known.series
    }

    /// The series with labels of this hash, where one is known.
    func entry(_ hash: UInt64) -> Int? { entryOfLabels[hash] }

    /// Adds a series; returns its number.
    mutating func add(_ entry: Entry) -> Int {
        entries.append(entry)
        entryOfLabels[entry.hash] = entries.count - 1
        return entries.count - 1
    }

    /// Adds a way to write a series.
    mutating func add(_ text: ArraySlice<UInt8>, of series: Int) {
        add(text, hashBytes(text), of: series)
    }

    /// Notes that the page has a series; false where it had it already.
    mutating func mark(_ series: Int) -> Bool {
        guard entries[series].page != page else { return false }
        entries[series].page = page
        return true
    }

    private mutating func add(_ text: ArraySlice<UInt8>, _ hash: UInt64, of series: Int) {
        let line = Line(start: texts.count, length: text.count, hash: hash, series: series)
        texts += text
        lines.append(line)
        lineOfText[hash] = lines.count - 1
        nextOrder.append(lines.count - 1)
    }
}

/// FNV-1a, with a last mixing.
private func hashBytes(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash ^ hash >> 29
}
