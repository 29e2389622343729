// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking

/// Where each text of the process stands among all of them, in the order of their bytes.
///
/// To compare two ranks takes a nanosecond, to compare two symbols' texts takes the table's lock
/// twice, and sorting ten thousand series compares a hundred thousand pairs.
struct SymbolOrder: Sendable {
    /// A text by its first eight bytes, which nearly always decide.
    private struct Entry {
        let key: UInt64
        let number: UInt32
    }

    private static let shared = Lock(SymbolOrder())

    private var texts = SymbolTexts()
    private var entries: ContiguousArray<Entry> = []
    /// By the symbol's number.
    private var ranks: ContiguousArray<UInt32> = []

    /// The ranks of all symbols up to a number at least.
    ///
    /// They hold for this call's result only: the next may know texts that come between.
    static func ranks(through number: UInt32) -> ContiguousArray<UInt32> {
        shared.withLock { order in
            if Int(number) >= order.ranks.count { order.extend(to: .known) }
            return order.ranks
        }
    }

    /// Sorts the texts that are new, and merges them with those that are not.
    private mutating func extend(to texts: SymbolTexts) {
        self.texts = texts
        var new = ContiguousArray<Entry>()
        new.reserveCapacity(texts.count - ranks.count)
        for number in ranks.count..<texts.count {
            new.append(Entry(key: Self.key(of: texts[number]), number: UInt32(number)))
        }
        new.sort { precedes($0, $1) }
        entries = merged(entries, new)
        ranks = ContiguousArray(repeating: 0, count: entries.count)
        for (rank, entry) in entries.enumerated() { ranks[Int(entry.number)] = UInt32(rank) }
    }

    private func merged(
        _ old: ContiguousArray<Entry>,
        _ new: ContiguousArray<Entry>
    ) -> ContiguousArray<Entry> {
        var result = ContiguousArray<Entry>()
        result.reserveCapacity(old.count + new.count)
        var place = 0
        for entry in new {
            while place < old.count, precedes(old[place], entry) {
                result.append(old[place])
                place += 1
            }
            result.append(entry)
        }
        result += old[place...]
        return result
    }

    private func precedes(_ a: Entry, _ b: Entry) -> Bool {
        if a.key != b.key { return a.key < b.key }
        let (x, y) = (texts[Int(a.number)], texts[Int(b.number)])
        return x.utf8.lexicographicallyPrecedes(y.utf8)
    }

    /// The first eight bytes as a number of the same order; a shorter text is filled up with zeros.
    private static func key(of text: String) -> UInt64 {
        var key: UInt64 = 0
        var count = 0
        for byte in text.utf8.prefix(8) {
            key = key << 8 | UInt64(byte)
            count += 1
        }
        return count == 0 ? 0 : key << UInt64(64 - 8 * count)
    }
}
