// SPDX-License-Identifier: Apache-2.0
// Nightjar
import KafkaClient
import TestSupport
import Testing

@testable import Collectors

/// Against a real broker.
@Suite(
    .serialized,
    .timeLimit(.minutes(2)),
    .enabled(if: SharedTool.isPresent("kafka/kafka"), "../shared/kafka or Java is absent")
)
struct RealKafkaTests {
    @Test func `groups are discovered with their state and their offsets`() async throws {
        let kafka = try SharedTool("kafka/kafka", key: "bootstrap")
        let topic = ["topics", "--create", "--topic", "orders", "--partitions", "2"]
        #expect(try kafka.run("tool", topic + ["--replication-factor", "1"]) == 0)
        let reset = ["groups", "--reset-offsets", "--group", "payments", "--topic", "orders"]
        #expect(try kafka.run("tool", reset + ["--to-offset", "0", "--execute"]) == 0)
        let connection = try KafkaConnection(KafkaConnectionOptions(brokers: [kafka.address]))
        let question = KafkaQuestion(wantsTopic: { !$0.hasPrefix("__") })
        let snapshot = try await connection.snapshot(question, before: .now + .seconds(10))
        #expect(snapshot.partitions.map(\.topic) == ["orders", "orders"])
        #expect(snapshot.partitions.map(\.end) == [0, 0])
        #expect(snapshot.groups.map(\.id) == ["payments"])
        #expect(snapshot.groups.first?.state == "Empty")
        #expect(snapshot.groups.first?.members == 0)
        #expect(snapshot.groups.first?.committed.map(\.offset) == [0, 0])
        #expect(snapshot.failures.isEmpty)
    }

    @Test func `a wrong password is told as such`() async throws {
        let kafka = try SharedTool("kafka/kafka", key: "sasl", ["--sasl", "nightjar:right"])
        var options = KafkaConnectionOptions(brokers: [kafka.address])
        options.properties = [
            "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
            "sasl.username": "nightjar", "sasl.password": "wrong",
        ]
        let connection = try KafkaConnection(options)
        let error = await #expect(throws: KafkaError.self) {
            try await connection.snapshot(KafkaQuestion(), before: .now + .seconds(3))
        }
        #expect(error?.reason == .auth)
        #expect(
            error?.message.lowercased().contains("authentication") == true,
            "\(error?.message ?? "")"
        )
    }

    @Test func `a group of the newer protocol has its state, and its members are unknown`()
        async throws
    {
        let kafka = try SharedTool("kafka/kafka", key: "bootstrap")
        try orders(on: kafka, partitions: 1, messages: 20)
        let consume = [
            "consume", "--topic", "orders", "--group", "next", "--from-beginning",
            "--consumer-property", "group.protocol=consumer", "--max-messages", "5",
        ]
        #expect(try kafka.run("tool", consume) == 0)
        let connection = try KafkaConnection(KafkaConnectionOptions(brokers: [kafka.address]))
        let question = KafkaQuestion(wantsTopic: { !$0.hasPrefix("__") })
        let snapshot = try await connection.snapshot(question, before: .now + .seconds(10))
        let group = try #require(snapshot.groups.first { $0.id == "next" })
        #expect(group.state == "Empty")
        // Describing such a group says that it is dead and has no members, which is wrong.
        #expect(group.members == nil)
        #expect(group.committed.map(\.topic) == ["orders"])
        #expect(snapshot.partitions.map(\.end) == [20])
    }

    @Test func `a killed broker costs its own partitions only`() async throws {
        let kafka = try SharedTool("kafka/kafka", key: "bootstrap", ["--brokers", "3"])
        try orders(on: kafka, partitions: 6, messages: 60)
        let connection = try KafkaConnection(KafkaConnectionOptions(brokers: [kafka.address]))
        let question = KafkaQuestion(wantsTopic: { $0 == "orders" })
        let whole = try await connection.snapshot(question, before: .now + .seconds(10))
        #expect(whole.partitions.count { $0.end != nil } == 6)
        let victim = try #require(whole.partitions.map(\.leader).max())
        let lost = Set(whole.partitions.filter { $0.leader == victim }.map(\.id))
        #expect(!lost.isEmpty && lost.count < 6)
        #expect(try kafka.run("kill-broker", ["\(victim)"]) == 0)
        let rest = try await connection.snapshot(question, before: .now + .seconds(10))
        let answered = Set(rest.partitions.filter { $0.end != nil }.map(\.id))
        #expect(answered == Set(whole.partitions.map(\.id)).subtracting(lost))
    }

    @Test func `lag does not fall below zero when a topic is made anew`() async throws {
        let kafka = try SharedTool("kafka/kafka", key: "bootstrap")
        try orders(on: kafka, partitions: 1, messages: 30)
        let consume = ["consume", "--topic", "orders", "--group", "payments", "--from-beginning"]
        #expect(try kafka.run("tool", consume + ["--max-messages", "30"]) == 0)
        #expect(try kafka.run("tool", ["topics", "--delete", "--topic", "orders"]) == 0)
        try orders(on: kafka, partitions: 1, messages: 3)
        var source = KafkaSource(KafkaOptions(name: "events", brokers: [kafka.address]))
        let outcome = await source.poll(slot(timeout: .seconds(10)))
        #expect(outcome.failure == nil)
        #expect(outcome.value("kafka_topic_partition_current_offset", ["topic": "orders"]) == 3)
        let lag = outcome.value("kafka_consumergroup_lag", ["consumergroup": "payments"])
        // The broker drops the offsets of a deleted topic; where it has not yet, lag is held at 0.
        #expect(lag == nil || lag == 0)
    }

    @Test func `the right password by SCRAM is told apart from a wrong one`() async throws {
        let kafka = try SharedTool("kafka/kafka", key: "sasl", ["--sasl", "nightjar:right"])
        var options = KafkaConnectionOptions(brokers: [kafka.address])
        options.properties = [
            "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-256",
            "sasl.username": "nightjar", "sasl.password": "right",
        ]
        let connection = try KafkaConnection(options)
        do throws(KafkaError) {
            let snapshot = try await connection.snapshot(
                KafkaQuestion(),
                before: .now + .seconds(3)
            )
            #expect(snapshot.brokers.count == 1)
        } catch {
            // librdkafka before 2.6.1 cannot agree with Kafka 4.0; then the message says so.
            #expect(error.reason == .auth)
            #expect(error.message.contains("needs librdkafka 2.6.1"), "\(error.message)")
        }
    }

    private func orders(on kafka: SharedTool, partitions: Int, messages: Int) throws {
        let create = ["topics", "--create", "--topic", "orders", "--partitions", "\(partitions)"]
        try #require(try kafka.run("tool", create + ["--replication-factor", "1"]) == 0)
        let lines = (0..<messages).map { "message \($0)" }.joined(separator: "\\n")
        let program = "printf '\(lines)\\n' | kcat -q -P -b \(kafka.address) -t orders -p "
        for partition in 0..<partitions {
            try #require(try ServerProcess.run(["sh", "-c", program + "\(partition)"]) == 0)
        }
    }
}
