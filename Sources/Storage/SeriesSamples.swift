// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// A series with samples of a range, in increasing time order.
public struct SeriesSamples: Sendable {
    /// The series.
    public let labels: LabelSet
    /// Milliseconds since the Unix epoch, strictly increasing.
    public var times: ContiguousArray<Int64>
    /// The values, as many as times; staleness markers are among them.
    public var values: ContiguousArray<Double>

    /// Makes a series; both arrays have the same length.
    public init(
        labels: LabelSet,
        times: ContiguousArray<Int64> = [],
        values: ContiguousArray<Double> = []
    ) {
        precondition(times.count == values.count, "each sample has a time and a value")
        self.labels = labels
        self.times = times
        self.values = values
    }

    /// How many samples there are.
    public var count: Int { times.count }
}

extension ContiguousArray {
    /// Makes room for more elements; unlike `reserveCapacity` not for just these, which copied all
    /// samples of a series once for each of its chunks.
    mutating func makeRoom(for more: Int) {
        if capacity < count + more { reserveCapacity(Swift.max(count + more, 2 * count)) }
    }
}
