// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import KafkaClient
public import Samples

/// A Kafka cluster to be watched.
public struct KafkaOptions: Sendable {
    /// The value of the label `cluster`.
    public var name: String
    /// How it is reached.
    public var connection: KafkaConnectionOptions
    /// Which groups are told.
    public var groups = NameFilter.everything
    /// Which topics are told.
    public var topics = NameFilter.everything
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
        if let hidden = try? RegularExpression("__.*") { topics.exclude = [hidden] }
    }
}

/// Names that are wanted: included by one expression and excluded by none.
public struct NameFilter: Sendable {
    /// Of these one must match the whole name; none at all takes every name.
    public var include: [RegularExpression] = []
    /// Of these none may match.
    public var exclude: [RegularExpression] = []

    /// Takes every name.
    public static let everything = NameFilter()

    /// Makes a filter that takes every name.
    public init() {}

    /// Whether a name is wanted.
    public func takes(_ name: String) -> Bool {
        (include.isEmpty || include.contains { $0.matches(name) })
            && !exclude.contains { $0.matches(name) }
    }
}
