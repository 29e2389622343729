// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import KafkaClient

/// A Kafka cluster inside the process, with three topics and two groups; librdkafka's mock, since a
/// real broker needs Java.
final class DemoKafka: Sendable {
    private static let topics = ["feed.events", "messaging.events", "notification.events"]
    private let cluster: MockCluster
    private let queue = BlockingQueue(label: "demo-kafka")

    var brokers: String { cluster.bootstrap }

    /// Makes the topics, twenty messages each, all of them consumed by the two groups.
    init() throws {
        cluster = try MockCluster.start(brokers: 1)
        for topic in Self.topics {
            try cluster.createTopic(topic, partitions: 1)
            try cluster.produce(20, to: topic, partition: 0)
        }
        try cluster.commit(20, group: "feed-workers", topic: "feed.events", partition: 0)
        try cluster.commit(
            20,
            group: "notification-workers",
            topic: "notification.events",
            partition: 0
        )
    }

    /// Produces a thousand messages that nobody consumes.
    func fallBehind() async throws {
        try await queue.run { [cluster] in
            try cluster.produce(1_000, to: "feed.events", partition: 0)
        }
    }

    /// Consumes them all.
    func catchUp() async throws {
        try await queue.run { [cluster] in
            try cluster.commit(1_020, group: "feed-workers", topic: "feed.events", partition: 0)
        }
    }
}
