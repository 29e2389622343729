// SPDX-License-Identifier: Apache-2.0
// Nightjar
import KafkaClient
import Samples
import Testing

@testable import Collectors

@Suite(.serialized, .timeLimit(.minutes(1))) struct KafkaTests {
    private func slot(_ seconds: Int) -> PollSlot {
        PollSlot(time: Timestamp(milliseconds: 0), deadline: .now + .seconds(seconds))
    }

    private func texts(_ outcome: PollOutcome, _ prefix: String) -> [String] {
        outcome.families.flatMap(\.samples).map { "\($0.labels) \($0.value)" }
            .filter { $0.hasPrefix(prefix) }
    }

    @Test func `lag is told by partition, never negative and absent without a commit`() async throws
    {
        let cluster = try MockCluster.start()
        try cluster.createTopic("orders", partitions: 3)
        try cluster.produce(10, to: "orders", partition: 0)
        try cluster.commit(4, group: "payments", topic: "orders", partition: 0)
        try cluster.commit(7, group: "payments", topic: "orders", partition: 1)
        var options = KafkaOptions(name: "k", brokers: [cluster.bootstrap])
        options.listedGroups = ["payments"]
        var source = KafkaSource(options)
        let outcome = await source.poll(slot(10))
        #expect(outcome.failure == nil)
        let group = "cluster=\"k\", consumergroup=\"payments\""
        #expect(
            texts(outcome, "kafka_consumergroup_lag{") == [
                "kafka_consumergroup_lag{\(group), partition=\"0\", topic=\"orders\"} 6.0",
                "kafka_consumergroup_lag{\(group), partition=\"1\", topic=\"orders\"} 0.0",
            ]
        )
        #expect(
            texts(outcome, "kafka_consumergroup_lag_sum") == [
                "kafka_consumergroup_lag_sum{\(group), topic=\"orders\"} 6.0"
            ]
        )
        #expect(texts(outcome, "kafka_topic_partition_current_offset").count == 3)
        #expect(texts(outcome, "kafka_brokers") == ["kafka_brokers{cluster=\"k\"} 1.0"])
        #expect(outcome.parts.map(\.name) == ["offsets", "groups"])
    }

    @Test func `a cluster that is not there is a failed poll`() async {
        var source = KafkaSource(KafkaOptions(name: "k", brokers: ["127.0.0.1:1"]))
        let outcome = await source.poll(slot(1))
        #expect(outcome.failure?.reason == .refused)
        #expect(outcome.families.isEmpty)
    }

    @Test func `names are included and excluded by whole expressions`() throws {
        let filter = NameFilter(
            include: [try RegularExpression("a.*")],
            exclude: [try RegularExpression("ab")]
        )
        #expect(filter.accepts("abc"))
        #expect(!filter.accepts("ab"))
        #expect(!filter.accepts("b"))
        #expect(!KafkaOptions(name: "k", brokers: []).topics.accepts("__consumer_offsets"))
    }
}
