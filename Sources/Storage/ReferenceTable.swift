// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A series' place in the head; reused once the series is gone.
typealias SeriesRef = UInt32

/// Finds references by the hash of what they refer to, in 8 bytes a slot: the labels themselves are
/// in the head already.
///
/// Open addressing with linear probing; half of the hash lies beside the reference, so that others'
/// labels are hardly ever looked at.
struct ReferenceTable: Sendable {
    /// A slot has half of the hash above, and the reference plus one below; 0 is an empty slot.
    private var slots: ContiguousArray<UInt64> = ContiguousArray(repeating: 0, count: 16)
    private(set) var count = 0

    private var mask: Int { slots.count - 1 }

    /// The references, ascending.
    var all: ContiguousArray<SeriesRef> {
        var found: ContiguousArray<SeriesRef> = []
        found.reserveCapacity(count)
        for slot in slots where slot != 0 { found.append(reference(slot)) }
        found.sort()
        return found
    }

    /// The reference with a hash that `isWanted`.
    @inline(__always)
    func find(_ hash: UInt64, where isWanted: (SeriesRef) -> Bool) -> SeriesRef? {
        var place = home(hash)
        while slots[place] != 0 {
            if slots[place] >> 32 == hash >> 32, isWanted(reference(slots[place])) {
                return reference(slots[place])
            }
            place = (place + 1) & mask
        }
        return nil
    }

    /// Adds a reference that is not there.
    mutating func insert(_ hash: UInt64, _ reference: SeriesRef) {
        if (count + 1) * 4 > slots.count * 3 { grow() }
        count += 1
        put((hash >> 32) << 32 | UInt64(reference) + 1)
    }

    /// Removes a reference; what lies behind it moves up, as an empty slot ends a search.
    mutating func remove(_ hash: UInt64, _ reference: SeriesRef) {
        var hole = home(hash)
        while slots[hole] != 0, self.reference(slots[hole]) != reference {
            hole = (hole + 1) & mask
        }
        guard slots[hole] != 0 else { return }
        count -= 1
        var place = (hole + 1) & mask
        while slots[place] != 0 {
            if (place - home(slots[place])) & mask >= (place - hole) & mask {
                slots[hole] = slots[place]
                hole = place
            }
            place = (place + 1) & mask
        }
        slots[hole] = 0
    }

    private func reference(_ slot: UInt64) -> SeriesRef {
        SeriesRef(truncatingIfNeeded: slot) &- 1
    }

    /// Where a hash, or a slot's half of it, belongs.
    private func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 32) & mask }

    private mutating func put(_ slot: UInt64) {
        var place = home(slot)
        while slots[place] != 0 { place = (place + 1) & mask }
        slots[place] = slot
    }

    private mutating func grow() {
        let old = slots
        slots = ContiguousArray(repeating: 0, count: old.count * 2)
        for slot in old where slot != 0 { put(slot) }
    }
}
