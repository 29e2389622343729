// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// What a query cost.
///
/// Source: Prometheus, util/stats: `QueryStats`.
public struct QueryStatistics: Sendable, Hashable {
    /// How many samples were looked at, a window's at each step again.
    public var totalQueryableSamples = 0
    /// The most samples that were held at once.
    public var peakSamples = 0
    /// The samples looked at for each step; nil unless the query asked for it.
    public var samplesPerStep: [StepCount]?
    /// How long the query waited for its turn.
    public var queueTime = Duration.zero
    /// How long reading the selected series took.
    public var preparationTime = Duration.zero
    /// How long evaluating took, reading left out.
    public var innerEvaluationTime = Duration.zero
    /// How long sorting the result took.
    public var sortTime = Duration.zero

    /// Makes the cost of nothing.
    public init() {}

    /// How long evaluating took, with reading and sorting.
    public var evaluationTime: Duration { preparationTime + innerEvaluationTime + sortTime }

    /// How long all of it took.
    public var totalTime: Duration { queueTime + evaluationTime }

    /// The samples looked at for one step.
    public struct StepCount: Sendable, Hashable {
        /// The step's moment.
        public var time: Timestamp
        /// How many samples.
        public var count: Int

        /// Pairs a moment and a count.
        public init(time: Timestamp, count: Int) {
            self.time = time
            self.count = count
        }
    }
}
