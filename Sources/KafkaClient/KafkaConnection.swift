// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CRdKafka
internal import EventIO

/// One cluster, asked on a queue of its own: librdkafka's questions block.
public final class KafkaConnection: Sendable {
    private let queue = BlockingQueue(label: "kafka")
    private let handle: KafkaHandle

    /// Makes a client of a cluster; nothing is connected to before the first question.
    ///
    /// - Throws: `KafkaError` with `.configuration`.
    public init(_ options: KafkaConnectionOptions) throws(KafkaError) {
        let own = [
            ("bootstrap.servers", options.brokers.joined(separator: ",")),
            // A name is needed to ask for offsets; the group is never joined.
            ("group.id", "nightjar"), ("client.id", "nightjar"), ("enable.auto.commit", "false"),
            // Kafka's own tools count what is not yet committed by a transaction too.
            ("isolation.level", "read_uncommitted"), ("allow.auto.create.topics", "false"),
            ("reconnect.backoff.max.ms", "2000"),
        ].map { (name: $0.0, value: $0.1) }
        let others = options.properties.sorted { $0.key < $1.key }
            .map { (name: $0.key, value: $0.value) }
        handle = try KafkaHandle.open(RD_KAFKA_CONSUMER, own + others)
    }

    deinit {
        // Closing waits for librdkafka's threads.
        let handle = handle
        queue.start { withExtendedLifetime(handle) {} }
    }

    /// Asks for everything at once.
    ///
    /// A broker that does not answer costs its own partitions, and is told in `failures`.
    ///
    /// - Throws: `KafkaError` where there is no metadata; with the cause that a login or a handshake
    ///   failed, where librdkafka told one.
    public func snapshot(
        _ question: KafkaQuestion,
        before deadline: ContinuousClock.Instant
    ) async throws(KafkaError) -> KafkaSnapshot {
        do {
            let handle = handle
            return try await queue.run {
                var asking = KafkaAsking(handle: handle, question: question, deadline: deadline)
                return try asking.run()
            }
        } catch let error as KafkaError {
            throw error
        } catch {
            throw KafkaError(.cancelled, "cancelled")
        }
    }
}

/// The blocking questions of one snapshot, in their order.
private struct KafkaAsking {
    let handle: KafkaHandle
    let question: KafkaQuestion
    let deadline: ContinuousClock.Instant
    var result = KafkaSnapshot()

    /// Milliseconds that a part may take; at least some, so that a late part fails by itself.
    private func share(_ part: Int) -> Int32 {
        let left = (deadline - .now).components
        let ms = left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000
        return Int32(clamping: max(50, ms / Int64(part)))
    }

    mutating func run() throws(KafkaError) -> KafkaSnapshot {
        try metadata()
        offsets()
        groups()
        return result
    }

    private mutating func metadata() throws(KafkaError) {
        var list: UnsafePointer<rd_kafka_metadata>?
        handle.beginAttempt(afterSuccess: false)
        // A connection that broke while the question was on its way costs one answer; another
        // broker may have it, so half of the time is for asking again.
        let lastStart = ContinuousClock.now + (deadline - .now) / 2
        var code = RD_KAFKA_RESP_ERR__TRANSPORT
        repeat {
            code = unsafe rd_kafka_metadata(handle.pointer, 1, nil, &list, share(2))
        } while code == RD_KAFKA_RESP_ERR__TRANSPORT && ContinuousClock.now < lastStart
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe list else {
            throw handle.cause() ?? unreadiness(code)
        }
        handle.beginAttempt(afterSuccess: true)
        defer { unsafe rd_kafka_metadata_destroy(list) }
        let data = unsafe list.pointee
        for index in unsafe 0..<Int(data.broker_cnt) {
            let broker = unsafe data.brokers[index]
            let address = unsafe "\(String(cString: broker.host)):\(broker.port)"
            result.brokers.append(unsafe KafkaSnapshot.Broker(id: broker.id, address: address))
        }
        for index in unsafe 0..<Int(data.topic_cnt) {
            unsafe take(data.topics[index])
        }
        result.partitions.sort { ($0.topic, $0.id) < ($1.topic, $1.id) }
    }

    /// What a failure means of which librdkafka told no cause.
    ///
    /// Brokers that refuse or break a connection are told; of one that accepts and is silent it only
    /// knows that it was not ready in time.
    private func unreadiness(_ code: rd_kafka_resp_err_t) -> KafkaError {
        guard code == RD_KAFKA_RESP_ERR__TRANSPORT else {
            return KafkaError(code, "Kafka metadata")
        }
        let message = "Kafka metadata: no broker was ready in time"
        return KafkaError(.timeout, message, code: code.rawValue)
    }

    private mutating func take(_ topic: rd_kafka_metadata_topic) {
        let name = unsafe String(cString: topic.topic)
        guard question.wantsTopic(name) else { return }
        for index in unsafe 0..<Int(topic.partition_cnt) {
            let partition = unsafe topic.partitions[index]
            let replicas = unsafe (0..<Int(partition.replica_cnt)).map {
                unsafe partition.replicas[$0]
            }
            let inSync = unsafe (0..<Int(partition.isr_cnt)).map { unsafe partition.isrs[$0] }
            result.partitions.append(
                unsafe KafkaSnapshot.Partition(
                    topic: name,
                    id: partition.id,
                    leader: partition.leader,
                    replicas: replicas,
                    inSync: inSync
                )
            )
        }
    }

    /// Asks leader by leader: one dead leader in a question spoils all of its answers.
    private mutating func offsets() {
        let leaders = Dictionary(grouping: result.partitions.indices) {
            result.partitions[$0].leader
        }
        var dead: Set<Int32> = []
        for (offset, isEnd) in [
            (Int64(RD_KAFKA_OFFSET_END), true), (Int64(RD_KAFKA_OFFSET_BEGINNING), false),
        ] {
            for (leader, indices) in leaders where leader >= 0 && !dead.contains(leader) {
                let list = PartitionList(
                    indices.map { (result.partitions[$0].topic, result.partitions[$0].id, offset) }
                )
                let time = min(share(4), 2_000)
                let code = unsafe rd_kafka_offsets_for_times(handle.pointer, list.pointer, time)
                guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    dead.insert(leader)
                    let error = KafkaError(
                        code,
                        "offsets of the partitions that broker \(leader) leads"
                    )
                    result.failures.append(("offsets", error))
                    continue
                }
                var found: [String: Int64] = [:]
                for entry in list.entries where entry.offset >= 0 {
                    found["\(entry.topic)/\(entry.partition)"] = entry.offset
                }
                for index in indices {
                    let partition = result.partitions[index]
                    let value = found["\(partition.topic)/\(partition.id)"]
                    if isEnd {
                        result.partitions[index].end = value
                    } else {
                        result.partitions[index].oldest = value
                    }
                }
            }
        }
    }

    private mutating func groups() {
        var admin = KafkaAdmin(handle: handle)
        let listing = admin.listGroups(timeout: share(2))
        if let error = listing.error { result.failures.append(("groups", error)) }
        var isDiscovered = true
        result.groups = listing.groups.filter { question.wantsGroup($0.id) }
        if listing.groups.isEmpty, listing.error != nil {
            // Where listing does not exist, describing may not either; ask for what was named.
            isDiscovered = false
            result.groups = question.listedGroups.map { KafkaSnapshot.Group(id: $0) }
            if listing.error?.reason == .unsupported, !result.groups.isEmpty {
                result.failures.removeAll { $0.part == "groups" }
            }
        }
        result.groups.sort { $0.id < $1.id }
        let all = result.partitions.map {
            (topic: $0.topic, partition: $0.id, offset: Int64(-1_001))
        }
        let names = result.groups.map(\.id)
        let (commits, error) = admin.committed(names, isDiscovered ? nil : all, timeout: share(2))
        if let error { result.failures.append(("groups", error)) }
        let members = isDiscovered ? admin.members(of: names, timeout: share(1)) : [:]
        for index in result.groups.indices {
            let id = result.groups[index].id
            result.groups[index].members = members[id]
            result.groups[index].committed = (commits[id] ?? []).filter { $0.offset >= 0 }
        }
    }
}
