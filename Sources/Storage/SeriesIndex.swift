// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Finds series by their labels, and by conditions on them.
struct SeriesIndex {
    private var references = ReferenceTable()
    /// Which series have a name and a value; ascending.
    private var postings: [Symbol: [Symbol: ContiguousArray<SeriesRef>]] = [:]

    /// How many series there are.
    var count: Int { references.count }

    /// The reference of a series; nil where it is unknown.
    ///
    /// `isWanted` compares the labels.
    @inline(__always)
    func find(_ labels: LabelSet, where isWanted: (SeriesRef) -> Bool) -> SeriesRef? {
        references.find(labels.hashBits, where: isWanted)
    }

    /// Adds a series that is not there yet.
    mutating func insert(_ labels: LabelSet, _ reference: SeriesRef) {
        references.insert(labels.hashBits, reference)
        for label in labels.labels {
            postings[label.name, default: [:]][label.value, default: []].insertSorted(reference)
        }
    }

    /// Removes a series that is there.
    mutating func remove(_ labels: LabelSet, _ reference: SeriesRef) {
        references.remove(labels.hashBits, reference)
        for label in labels.labels {
            postings[label.name]?[label.value]?.removeSorted(reference)
            if postings[label.name]?[label.value]?.isEmpty == true {
                postings[label.name]?[label.value] = nil
            }
            if postings[label.name]?.isEmpty == true { postings[label.name] = nil }
        }
    }

    /// The series that fulfil all conditions, ascending by reference.
    ///
    /// `labels` gives a reference's labels. A condition that an empty value fulfils also takes series
    /// without the label, so it can only filter; of the others the one with the fewest series leads.
    func find(_ matchers: [Matcher], labels: (SeriesRef) -> LabelSet) -> ContiguousArray<SeriesRef>
    {
        var filters: [Matcher] = []
        var lists: [ContiguousArray<SeriesRef>] = []
        for matcher in matchers {
            if matcher.kind == .equal, !matcher.value.isEmpty {
                guard let list = list(matcher) else { return [] }
                lists.append(list)
            } else {
                filters.append(matcher)
            }
        }
        if lists.isEmpty, let leader = filters.firstIndex(where: { !$0.matches("") }) {
            lists.append(union(filters.remove(at: leader)))
        }
        lists.sort { $0.count < $1.count }
        var found = lists.first ?? references.all
        for list in lists.dropFirst() where !found.isEmpty { found = intersection(found, list) }
        for filter in filters where !found.isEmpty { filter.keep(&found, labels) }
        return found
    }

    /// How many series fulfil the conditions at most, as far as a look at the index tells; nil where it
    /// tells nothing.
    func mostSeries(_ matchers: [Matcher]) -> Int? {
        var most: Int?
        for matcher in matchers where matcher.kind == .equal && !matcher.value.isEmpty {
            most = min(most ?? .max, list(matcher)?.count ?? 0)
        }
        return most
    }

    private func list(_ matcher: Matcher) -> ContiguousArray<SeriesRef>? {
        Symbol.existing(matcher.value).flatMap { postings[matcher.name]?[$0] }
    }

    private func union(_ matcher: Matcher) -> ContiguousArray<SeriesRef> {
        var result: ContiguousArray<SeriesRef> = []
        for (value, list) in postings[matcher.name] ?? [:] where matcher.matches(value.text) {
            result += list
        }
        result.sort()
        return result
    }
}

extension Matcher {
    /// Keeps the references whose labels fulfil the condition; each value is asked about once.
    fileprivate func keep(
        _ references: inout ContiguousArray<SeriesRef>,
        _ labels: (SeriesRef) -> LabelSet
    ) {
        var answers: [Symbol: Bool] = [:]
        references.removeAll { reference in
            let value = labels(reference)[name] ?? .empty
            if let answer = answers[value] { return !answer }
            let answer = matches(value.text)
            answers[value] = answer
            return !answer
        }
    }
}

private func intersection(
    _ few: ContiguousArray<SeriesRef>,
    _ many: ContiguousArray<SeriesRef>
) -> ContiguousArray<SeriesRef> {
    guard many.count / 16 < few.count else {
        return few.filter {
            many.sortedPlace(of: $0) < many.count && many[many.sortedPlace(of: $0)] == $0
        }
    }
    var result: ContiguousArray<SeriesRef> = []
    result.reserveCapacity(few.count)
    var place = 0
    for reference in few {
        while place < many.count, many[place] < reference { place += 1 }
        guard place < many.count else { break }
        if many[place] == reference { result.append(reference) }
    }
    return result
}

extension ContiguousArray<SeriesRef> {
    /// Where a reference is, or would be.
    fileprivate func sortedPlace(of reference: SeriesRef) -> Int {
        guard let last, reference <= last else { return count }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < reference { low = middle + 1 } else { high = middle }
        }
        return low
    }

    fileprivate mutating func insertSorted(_ reference: SeriesRef) {
        insert(reference, at: sortedPlace(of: reference))
    }

    fileprivate mutating func removeSorted(_ reference: SeriesRef) {
        let place = sortedPlace(of: reference)
        if place < count, self[place] == reference { remove(at: place) }
    }
}
