// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CRdKafka

/// A cluster inside this process, for tests and demonstrations.
///
/// It is librdkafka's own and knows no listing or describing of groups. All calls block, for
/// milliseconds; `@unchecked Sendable`: librdkafka's handles may be used from any thread.
@safe public final class MockCluster: @unchecked Sendable {
    private let owner: KafkaHandle
    private let cluster: OpaquePointer
    private let producer: KafkaHandle
    /// The brokers' addresses, for `bootstrap.servers`.
    public let bootstrap: String

    /// Starts a cluster.
    ///
    /// - Throws: `KafkaError` where it does not start.
    public static func start(brokers: Int = 1) throws(KafkaError) -> MockCluster {
        let owner = try KafkaHandle.open(RD_KAFKA_PRODUCER, [])
        guard let cluster = unsafe rd_kafka_mock_cluster_new(owner.pointer, Int32(brokers)) else {
            throw KafkaError(.configuration, "the mock cluster does not start")
        }
        let bootstrap = unsafe String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
        let producer = try KafkaHandle.open(
            RD_KAFKA_PRODUCER,
            [(name: "bootstrap.servers", value: bootstrap), (name: "linger.ms", value: "1")]
        )
        return unsafe MockCluster(owner, cluster, producer, bootstrap)
    }

    private init(
        _ owner: KafkaHandle,
        _ cluster: OpaquePointer,
        _ producer: KafkaHandle,
        _ bootstrap: String
    ) {
        self.owner = owner
        unsafe self.cluster = unsafe cluster
        self.producer = producer
        self.bootstrap = bootstrap
    }

    deinit { unsafe rd_kafka_mock_cluster_destroy(cluster) }

    /// Makes a topic.
    ///
    /// - Throws: `KafkaError` with librdkafka's code.
    public func createTopic(
        _ name: String,
        partitions: Int,
        replicas: Int = 1
    ) throws(KafkaError) {
        let code = unsafe rd_kafka_mock_topic_create(
            cluster,
            name,
            Int32(partitions),
            Int32(replicas)
        )
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, "create \(name)") }
    }

    /// Writes messages to one partition and waits until they are there.
    ///
    /// - Throws: `KafkaError` where they are not there after 10 s.
    public func produce(_ count: Int, to topic: String, partition: Int) throws(KafkaError) {
        let target = unsafe rd_kafka_topic_new(producer.pointer, topic, nil)
        defer { unsafe rd_kafka_topic_destroy(target) }
        for _ in 0..<count {
            var payload: [UInt8] = [1]
            // The flag makes librdkafka copy the payload.
            let result = unsafe rd_kafka_produce(
                target,
                Int32(partition),
                Int32(RD_KAFKA_MSG_F_COPY),
                &payload,
                1,
                nil,
                0,
                nil
            )
            guard result == 0 else {
                throw KafkaError(rd_kafka_last_error(), "produce to \(topic)")
            }
        }
        let code = unsafe rd_kafka_flush(producer.pointer, 10_000)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(code, "produce to \(topic)")
        }
    }

    /// Commits a group's offset of one partition.
    ///
    /// - Throws: `KafkaError` with librdkafka's code.
    public func commit(
        _ offset: Int64,
        group: String,
        topic: String,
        partition: Int
    ) throws(KafkaError) {
        let consumer = try KafkaHandle.open(
            RD_KAFKA_CONSUMER,
            [
                (name: "bootstrap.servers", value: bootstrap), (name: "group.id", value: group),
                (name: "enable.auto.commit", value: "false"),
            ]
        )
        let list = PartitionList([(topic, Int32(partition), offset)])
        let code = unsafe rd_kafka_commit(consumer.pointer, list.pointer, 0)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(code, "commit of group \(group)")
        }
    }

    /// Takes a broker away, or back; they count from 1.
    public func setDown(_ broker: Int, _ isDown: Bool) {
        _ =
            unsafe isDown
            ? rd_kafka_mock_broker_set_down(cluster, Int32(broker))
            : rd_kafka_mock_broker_set_up(cluster, Int32(broker))
    }
}
