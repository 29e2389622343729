// SPDX-License-Identifier: Apache-2.0
// Nightjar
import KafkaClient
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(1))) struct KafkaConnectionTests {
    @Test func `brokers, partitions, offsets and commits of a cluster are told`() async throws {
        let cluster = try MockCluster.start(brokers: 2)
        try cluster.createTopic("orders", partitions: 2, replicas: 2)
        try cluster.createTopic("hidden", partitions: 1)
        try cluster.produce(10, to: "orders", partition: 0)
        try cluster.produce(3, to: "orders", partition: 1)
        try cluster.commit(4, group: "payments", topic: "orders", partition: 0)
        let connection = try KafkaConnection(KafkaConnectionOptions(brokers: [cluster.bootstrap]))
        let question = KafkaQuestion(
            wantsTopic: { $0 != "hidden" },
            listedGroups: ["payments", "nobody"]
        )
        let snapshot = try await connection.snapshot(question, before: .now + .seconds(10))
        #expect(snapshot.brokers.count == 2)
        #expect(snapshot.partitions.map(\.topic) == ["orders", "orders"])
        #expect(snapshot.partitions.map(\.end) == [10, 3])
        #expect(snapshot.partitions.map(\.oldest) == [0, 0])
        #expect(snapshot.partitions.allSatisfy { $0.replicas.count == 2 && $0.inSync.count == 2 })
        #expect(snapshot.groups.map(\.id) == ["nobody", "payments"])
        #expect(snapshot.groups.last?.committed.map(\.offset) == [4])
        #expect(snapshot.groups.first?.committed == [])
    }

    @Test func `a dead broker costs its own partitions only`() async throws {
        let cluster = try MockCluster.start(brokers: 3)
        try cluster.createTopic("t", partitions: 6)
        let connection = try KafkaConnection(KafkaConnectionOptions(brokers: [cluster.bootstrap]))
        let before = try await connection.snapshot(KafkaQuestion(), before: .now + .seconds(10))
        #expect(before.partitions.allSatisfy { $0.end == 0 })
        cluster.setDown(1, true)
        let after = try await connection.snapshot(KafkaQuestion(), before: .now + .seconds(4))
        let (lost, kept) = (
            after.partitions.filter { $0.leader == 1 }, after.partitions.filter { $0.leader > 1 }
        )
        #expect(lost.allSatisfy { $0.end == nil })
        #expect(!kept.isEmpty)
        #expect(kept.allSatisfy { $0.end == 0 })
    }

    @Test func `a cluster that is not there, and a property that is not right, are told`()
        async throws
    {
        let address = "127.0.0.1:\(freePort())"
        let connection = try KafkaConnection(KafkaConnectionOptions(brokers: [address]))
        let error = await #expect(throws: KafkaError.self) {
            try await connection.snapshot(KafkaQuestion(), before: .now + .seconds(1))
        }
        #expect(error?.reason == .refused)
        #expect(error?.message.contains(address) == true)
        var options = KafkaConnectionOptions(brokers: [address])
        options.properties = ["sasl.passwort": "secret"]
        let wrong = #expect(throws: KafkaError.self) { try KafkaConnection(options) }
        #expect(wrong?.reason == .configuration)
        #expect(wrong?.message.contains("secret") == false)
    }
}
