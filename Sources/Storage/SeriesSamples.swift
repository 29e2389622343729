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

/// Samples of several series with times of their own, as written from afar, in few allocations.
public struct WrittenSamples: Sendable {
    /// A series, and where its samples are.
    public struct Run: Sendable {
        /// The series.
        public let labels: LabelSet
        /// The places of its samples in `times` and `values`, in time order.
        public let samples: Range<Int>

        /// Makes a run.
        public init(labels: LabelSet, samples: Range<Int>) {
            self.labels = labels
            self.samples = samples
        }
    }

    /// The series; samples that no run has are not looked at.
    public var runs: ContiguousArray<Run>
    /// Milliseconds since the Unix epoch.
    public var times: ContiguousArray<Int64>
    /// The values, as many as times.
    public var values: ContiguousArray<Double>

    /// Joins parts; both arrays of samples have the same length.
    public init(
        runs: ContiguousArray<Run> = [],
        times: ContiguousArray<Int64> = [],
        values: ContiguousArray<Double> = []
    ) {
        precondition(times.count == values.count, "each sample has a time and a value")
        self.runs = runs
        self.times = times
        self.values = values
    }

    init(_ series: [SeriesSamples]) {
        self.init()
        for one in series {
            runs.append(Run(labels: one.labels, samples: times.count..<times.count + one.count))
            times += one.times
            values += one.values
        }
    }
}

/// Which samples written from afar can be stored at a moment.
public struct WriteAdmission: Sendable {
    /// The times that are neither too old nor too far ahead, in milliseconds since the Unix epoch.
    public let times: ClosedRange<Int64>
    /// Whether one more series has a place.
    public let hasRoom: Bool
}

extension ContiguousArray {
    /// Makes room for more elements; unlike `reserveCapacity` not for just these, which copied all
    /// samples of a series once for each of its chunks.
    mutating func makeRoom(for more: Int) {
        if capacity < count + more { reserveCapacity(Swift.max(count + more, 2 * count)) }
    }
}
