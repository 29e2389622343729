// SPDX-License-Identifier: Apache-2.0
// Nightjar
import KafkaClient
import TestSupport
import Testing

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
}
