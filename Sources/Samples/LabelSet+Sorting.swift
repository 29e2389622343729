// SPDX-License-Identifier: Apache-2.0
// Nightjar

extension LabelSet {
    /// The places of label sets in the order of `<`; equal sets stay as they are.
    ///
    /// - Complexity: O(*n* log *n*) comparisons of two numbers each, after texts that were never
    ///   sorted before have been.
    public static func sortedPlaces(of sets: ContiguousArray<LabelSet>) -> ContiguousArray<Int> {
        // For a few, looking up texts costs less than looking up ranks does.
        guard sets.count > 8 else {
            return ContiguousArray(sets.indices.sorted { sets[$0] < sets[$1] })
        }
        return SortingKeys(sets).sortedPlaces
    }
}

/// Label sets as rows of numbers that compare as their texts do.
private struct SortingKeys {
    /// A row by its first number that is not the same in all rows.
    private struct Row {
        let key: UInt64
        let place: Int
    }

    /// Of each label the ranks of name and value; one row after the other.
    private var numbers: ContiguousArray<UInt64> = []
    /// Where each row begins, and where the last ends.
    private var starts: ContiguousArray<Int> = [0]

    init(_ sets: ContiguousArray<LabelSet>) {
        starts.reserveCapacity(sets.count + 1)
        numbers.reserveCapacity(sets.count * (sets.first?.labels.count ?? 0))
        var last: UInt32 = 0
        for set in sets {
            for label in set.labels {
                last = max(last, label.name.rawValue, label.value.rawValue)
                numbers.append(UInt64(label.name.rawValue) << 32 | UInt64(label.value.rawValue))
            }
            starts.append(numbers.count)
        }
        let ranks = SymbolOrder.ranks(through: last)
        let rank = ranks.span
        var output = numbers.mutableSpan
        for index in output.indices {
            let (name, value) = (Int(output[index] >> 32), Int(output[index] & 0xFFFF_FFFF))
            output[index] = UInt64(rank[name]) << 32 | UInt64(rank[value])
        }
    }

    /// The rows' places, sorted.
    var sortedPlaces: ContiguousArray<Int> {
        let common = commonCount
        let numbers = numbers.span
        var rows = ContiguousArray<Row>()
        rows.reserveCapacity(starts.count - 1)
        for place in 0..<(starts.count - 1) {
            let first = starts[place] + common
            let isLonger = first < starts[place + 1]
            rows.append(Row(key: isLonger ? numbers[first] : 0, place: place))
        }
        rows.sort { a, b in a.key != b.key ? a.key < b.key : precedes(a, b, after: common) }
        return ContiguousArray(rows.map(\.place))
    }

    /// How many numbers at the beginning are the same in all rows.
    private var commonCount: Int {
        var common = starts[1]
        for place in 1..<(starts.count - 1) {
            var count = 0
            let most = min(common, starts[place + 1] - starts[place])
            while count < most, numbers[count] == numbers[starts[place] + count] { count += 1 }
            common = count
            if common == 0 { break }
        }
        return common
    }

    private func precedes(_ a: Row, _ b: Row, after common: Int) -> Bool {
        var (x, y) = (starts[a.place] + common, starts[b.place] + common)
        let (endOfX, endOfY) = (starts[a.place + 1], starts[b.place + 1])
        while x < endOfX, y < endOfY {
            if numbers[x] != numbers[y] { return numbers[x] < numbers[y] }
            x += 1
            y += 1
        }
        return endOfX - x < endOfY - y
    }
}
