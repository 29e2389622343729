// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import KafkaClient
internal import Locking

/// A Kafka cluster inside the process, with three topics and two groups; librdkafka's mock, since a
/// real broker needs Java.
final class DemoKafka: Sendable {
    private static let topics = ["feed.events", "messaging.events", "notification.events"]
    private let cluster: MockCluster
    private let queue = BlockingQueue(label: "demo-kafka")
    private let ends = Lock((produced: Int64(20), consumed: Int64(20)))

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

    /// Produces two hundred messages, of which a tenth is consumed.
    func fallBehind() async throws {
        let consumed = ends.withLock { ends in
            ends.produced += 200
            ends.consumed += 20
            return ends.consumed
        }
        try await queue.run { [cluster] in
            try cluster.produce(200, to: "feed.events", partition: 0)
            let group = "feed-workers"
            try cluster.commit(consumed, group: group, topic: "feed.events", partition: 0)
        }
    }

    /// Consumes all that was produced.
    func catchUp() async throws {
        let produced = ends.withLock { ends in
            ends.consumed = ends.produced
            return ends.produced
        }
        try await queue.run { [cluster] in
            let group = "feed-workers"
            try cluster.commit(produced, group: group, topic: "feed.events", partition: 0)
        }
    }
}
