// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import KafkaClient
internal import Samples

/// A Kafka cluster to be watched.
public struct KafkaOptions: Sendable, Equatable {
    /// The value of the label `cluster`.
    public var name: String
    /// How it is reached.
    public var connection: KafkaConnectionOptions
    /// Which groups are told.
    public var groups = NameFilter.all
    /// Which topics are told.
    public var topics = NameFilter.all
    /// Groups that are asked for by name where the cluster cannot list its own.
    public var listedGroups: [String] = []
    /// Whether offsets and lags are told by partition; else by topic only.
    public var isByPartition = true
    /// When and how long.
    public var schedule = PollSchedule(interval: .seconds(15), timeout: .seconds(10))
    /// The most partitions that are told, groups times partitions included.
    public var maxSeries = 50_000

    /// Makes options with the defaults for the rest; topics that start with `__` are left out.
    public init(name: String, brokers: [String]) {
        self.name = name
        connection = KafkaConnectionOptions(brokers: brokers)
        if let hidden = try? RegularExpression("__.*") { topics = NameFilter(exclude: [hidden]) }
    }
}
