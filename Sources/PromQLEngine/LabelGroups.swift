// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

/// Which labels count where series are grouped, or find each other.
struct LabelFilter {
    /// A handful: to look through them takes less than a hash does.
    private let names: ContiguousArray<Symbol>
    private let keeps: Bool

    /// Only these labels count.
    static func only(_ names: some Sequence<Symbol>) -> LabelFilter {
        LabelFilter(names: ContiguousArray(names), keeps: true)
    }

    /// All labels count but these.
    static func allBut(_ names: some Sequence<Symbol>) -> LabelFilter {
        LabelFilter(names: ContiguousArray(names), keeps: false)
    }

    /// All labels count.
    static let all = LabelFilter(names: [], keeps: false)

    /// Whether all labels count.
    var takesAll: Bool { names.isEmpty && !keeps }

    /// Whether a label counts.
    @inline(__always)
    func counts(_ label: Label) -> Bool {
        for name in names where name == label.name { return keeps }
        return !keeps
    }

    /// A hash of the labels that count.
    @inline(__always)
    func hash(of labels: LabelSet) -> UInt64 {
        if takesAll { return labels.hashBits }
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        for label in labels.labels where counts(label) {
            let pair = UInt64(label.name.rawValue) << 32 | UInt64(label.value.rawValue)
            let product = (hash ^ pair).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
            hash = product.high ^ product.low
        }
        return hash
    }

    /// Whether two label sets have the same labels of those that count.
    func agree(_ a: LabelSet, _ b: LabelSet) -> Bool {
        if takesAll { return a == b }
        let (some, others) = (a.labels.span, b.labels.span)
        var (x, y) = (0, 0)
        while true {
            while x < some.count, !counts(some[x]) { x += 1 }
            while y < others.count, !counts(others[y]) { y += 1 }
            guard x < some.count, y < others.count else {
                return x == some.count && y == others.count
            }
            guard some[x] == others[y] else { return false }
            x += 1
            y += 1
        }
    }

    /// The labels that count.
    func apply(to labels: LabelSet) -> LabelSet {
        takesAll ? labels : labels.filtered { counts($0) }
    }
}

/// Numbers the groups of label sets that agree, in the order in which they come.
///
/// No label set is made for what is only compared: a dictionary of them took half a microsecond a
/// series, this takes a tenth of it.
struct LabelGroups {
    let filter: LabelFilter
    /// A label set of each group: the first that came.
    private(set) var examples: ContiguousArray<LabelSet> = []
    private var hashes: ContiguousArray<UInt64> = []
    /// Groups' numbers by hash, with -1 where there is none; a power of two, at most half of it full.
    private var slots: ContiguousArray<Int32>

    /// No groups yet; there will be about `capacity`.
    init(_ filter: LabelFilter, capacity: Int = 8) {
        self.filter = filter
        var size = 16
        while size < 2 * capacity { size *= 2 }
        slots = ContiguousArray(repeating: -1, count: size)
    }

    /// How many groups there are.
    var count: Int { examples.count }

    /// The labels that count of a group.
    func labels(of group: Int) -> LabelSet { filter.apply(to: examples[group]) }

    /// The group of a label set; nil where none agrees.
    func find(_ labels: LabelSet) -> Int? {
        let group = slots[slot(of: labels, filter.hash(of: labels))]
        return group < 0 ? nil : Int(group)
    }

    /// The group of a label set, a new one where none agrees.
    mutating func number(of labels: LabelSet) -> Int {
        let hash = filter.hash(of: labels)
        let slot = slot(of: labels, hash)
        if slots[slot] >= 0 { return Int(slots[slot]) }
        slots[slot] = Int32(count)
        examples.append(labels)
        hashes.append(hash)
        if 2 * count > slots.count { grow() }
        return count - 1
    }

    private func slot(of labels: LabelSet, _ hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] >= 0 {
            let group = Int(slots[slot])
            if hashes[group] == hash, filter.agree(examples[group], labels) { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private mutating func grow() {
        let mask = 2 * slots.count - 1
        slots = ContiguousArray(repeating: -1, count: mask + 1)
        for (group, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(group)
        }
    }
}

/// The members of each group, in the order in which they came.
struct GroupMembers {
    /// The members, group by group.
    private var members: ContiguousArray<Int>
    /// Where each group begins, and where the last ends.
    private var starts: ContiguousArray<Int>

    /// Sorts members, of which each has the number of its group, into `count` groups.
    init(_ numbers: ContiguousArray<Int>, count: Int) {
        starts = ContiguousArray(repeating: 0, count: count + 1)
        for number in numbers { starts[number + 1] += 1 }
        for number in 0..<count { starts[number + 1] += starts[number] }
        members = ContiguousArray(repeating: 0, count: numbers.count)
        var ends = starts
        for (index, number) in numbers.enumerated() {
            members[ends[number]] = index
            ends[number] += 1
        }
    }

    /// How many groups there are.
    var count: Int { starts.count - 1 }

    /// The members of a group.
    subscript(group: Int) -> ArraySlice<Int> {
        members[starts[group]..<starts[group + 1]]
    }
}
