// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import KafkaClient
internal import Samples

/// Turns what a cluster says into metrics, under kafka_exporter's names.
///
/// A lag is the end less the committed offset, never below 0 and absent without a commit.
struct KafkaMetrics {
    private let labels: LabelSet
    private let isByPartition: Bool
    private var byName: [String: Int] = [:]
    private(set) var families: [MetricFamily] = []

    init(cluster: String, isByPartition: Bool) {
        labels = ["cluster": cluster]
        self.isByPartition = isByPartition
    }

    mutating func take(_ snapshot: KafkaSnapshot) {
        add("kafka_brokers", "Brokers of the cluster.", Double(snapshot.brokers.count), labels)
        for broker in snapshot.brokers {
            let labels = labels.setting("id", to: "\(broker.id)")
            let address = labels.setting("address", to: broker.address)
            add("kafka_broker_info", "A broker with its address.", 1, address)
        }
        topics(snapshot.partitions)
        var ends: [String: Int64] = [:]
        for partition in snapshot.partitions {
            ends["\(partition.topic)/\(partition.id)"] = partition.end
        }
        for group in snapshot.groups { take(group, ends) }
    }

    private mutating func add(_ name: String, _ help: String, _ value: Double, _ labels: LabelSet) {
        if byName[name] == nil {
            byName[name] = families.count
            families.append(MetricFamily(name: name, kind: .gauge, help: help))
        }
        if let index = byName[name] { families[index].add(value, labels) }
    }

    private mutating func topics(_ partitions: [KafkaSnapshot.Partition]) {
        var counts: [String: Int] = [:]
        for partition in partitions { counts[partition.topic, default: 0] += 1 }
        for (topic, count) in counts.sorted(by: { $0.key < $1.key }) {
            let labels = labels.setting("topic", to: topic)
            add("kafka_topic_partitions", "Partitions of the topic.", Double(count), labels)
        }
        for partition in partitions { take(partition) }
    }

    private mutating func take(_ partition: KafkaSnapshot.Partition) {
        let base = "kafka_topic_partition_"
        let labels = labels.setting("topic", to: partition.topic)
            .setting("partition", to: "\(partition.id)")
        if let end = partition.end {
            add(base + "current_offset", "The next offset to be written.", Double(end), labels)
        }
        if let oldest = partition.oldest {
            add(base + "oldest_offset", "The first offset that is kept.", Double(oldest), labels)
        }
        let (replicas, inSync) = (partition.replicas.count, partition.inSync.count)
        let isPreferred = partition.replicas.first == partition.leader
        add(
            base + "leader",
            "The leading broker, -1 without one.",
            Double(partition.leader),
            labels
        )
        add(
            base + "leader_is_preferred",
            "Whether the first replica leads.",
            isPreferred ? 1 : 0,
            labels
        )
        add(base + "replicas", "Brokers that hold the partition.", Double(replicas), labels)
        add(base + "in_sync_replica", "Brokers that are in step.", Double(inSync), labels)
        add(
            base + "under_replicated_partition",
            "Whether a replica is not in step.",
            inSync < replicas ? 1 : 0,
            labels
        )
    }

    private mutating func take(_ group: KafkaSnapshot.Group, _ ends: [String: Int64]) {
        let base = "kafka_consumergroup_"
        let labels = labels.setting("consumergroup", to: group.id)
        if let members = group.members {
            add(base + "members", "Members of the group.", Double(members), labels)
        }
        if let state = group.state {
            add(base + "state", "The group's state.", 1, labels.setting("state", to: state))
        }
        var sums: [String: (offset: Int64, lag: Int64?)] = [:]
        for commit in group.committed {
            let topic = labels.setting("topic", to: commit.topic)
            let partition = topic.setting("partition", to: "\(commit.partition)")
            let end = ends["\(commit.topic)/\(commit.partition)"]
            let lag = end.map { max(0, $0 - commit.offset) }
            var sum = sums[commit.topic] ?? (0, nil)
            sum.offset += commit.offset
            if let lag { sum.lag = (sum.lag ?? 0) + lag }
            sums[commit.topic] = sum
            guard isByPartition else { continue }
            let help = "The next offset that the group will read."
            add(base + "current_offset", help, Double(commit.offset), partition)
            if let lag {
                add(base + "lag", "Messages that the group has not read.", Double(lag), partition)
            }
        }
        for (topic, sum) in sums.sorted(by: { $0.key < $1.key }) {
            let labels = labels.setting("topic", to: topic)
            let help = "The sum of the committed offsets."
            add(base + "current_offset_sum", help, Double(sum.offset), labels)
            if let lag = sum.lag {
                let help = "Messages of the topic that the group has not read."
                add(base + "lag_sum", help, Double(lag), labels)
            }
        }
    }
}
