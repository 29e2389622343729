// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import RedisClient
internal import Samples

/// One part of a poll: commands, and what becomes of their replies.
///
/// The commands of all parts go out as one batch. A part that the server refuses costs itself only.
struct RedisPart: Sendable {
    /// The label `collector`.
    let name: String
    /// The commands.
    let commands: [[String]]
    /// Turns the replies, none of which is an error, into samples.
    let gather: @Sendable ([RedisReply], Timestamp, inout FamilySet) -> Void

    /// Everything that the server says of itself.
    static let info = RedisPart(name: "info", commands: [["INFO", "all"]]) {
        replies,
        time,
        families in
        RedisInfo(replies.first?.text ?? "").write(into: &families, at: time)
    }

    /// The limits, and zeros for databases without keys.
    ///
    /// Each is asked for by name: `CONFIG GET *` would bring the passwords along.
    static let config = RedisPart(
        name: "config",
        commands: configNames.map { ["CONFIG", "GET", $0] }
    ) { replies, _, families in
        for (name, reply) in zip(configNames, replies) {
            guard let value = reply.elements?.dropFirst().first?.number else { continue }
            if name == "databases" {
                for index in 0..<min(Int(value), 1_024) where !families.hasDatabase(index) {
                    families.add(RedisField.databaseKeys, 0, [("db", "db\(index)")])
                    families.add(RedisField.databaseExpiring, 0, [("db", "db\(index)")])
                }
            } else {
                let metric = String(name.map { $0 == "-" ? "_" : $0 })
                families.add(.gauge("redis_config_" + metric, "The setting \(name)."), value)
            }
        }
    }

    private static let configNames = [
        "maxclients", "maxmemory", "io-threads", "repl-backlog-size", "slowlog-log-slower-than",
        "slowlog-max-len", "databases",
    ]

    /// How many slow commands are kept, and the last.
    static let slowlog = RedisPart(
        name: "slowlog",
        commands: [["SLOWLOG", "LEN"], ["SLOWLOG", "GET", "1"]]
    ) { replies, _, families in
        families.add(
            .gauge("redis_slowlog_length", "Entries of the slow log."),
            replies.first?.number ?? 0
        )
        let entry = replies.last?.elements?.first?.elements ?? []
        let id = entry.first?.number ?? 0
        let micros = entry.count > 2 ? entry[2].number ?? 0 : 0
        families.add(.gauge("redis_slowlog_last_id", "Number of the last slow command."), id)
        families.add(
            .gauge(
                "redis_last_slow_execution_duration_seconds",
                "Time of the last slow command."
            ),
            micros * 1e-6
        )
    }

    /// The latest spikes that the server noticed.
    static let latency = RedisPart(
        name: "latency",
        commands: [["LATENCY", "LATEST"]]
    ) { replies, _, families in
        for event in replies.first?.elements ?? [] {
            guard let parts = event.elements, parts.count > 2, let name = parts[0].text,
                let time = parts[1].number, let spike = parts[2].number
            else { continue }
            let label = [("event_name", name)]
            families.add(.gauge("redis_latency_spike_last", "When it last was slow."), time, label)
            families.add(
                .gauge("redis_latency_spike_duration_seconds", "How slow it last was."),
                spike * 1e-3,
                label
            )
        }
    }

    /// The cluster as this node sees it; asked for where `INFO` says that there is one.
    static let cluster = RedisPart(
        name: "cluster",
        commands: [["CLUSTER", "INFO"]]
    ) { replies, _, families in
        for (name, value) in RedisInfo(replies.first?.text ?? "").fields {
            guard let number = RedisField.number(value) else { continue }
            let metric =
                switch name {
                case "cluster_stats_messages_sent": "cluster_messages_sent_total"
                case "cluster_stats_messages_received": "cluster_messages_received_total"
                default: name
                }
            guard !metric.hasPrefix("cluster_stats") else { continue }
            let kind: MetricKind = metric.hasSuffix("_total") ? .counter : .gauge
            let help = "Field \(name) of CLUSTER INFO."
            families.add(Metric(name: "redis_" + metric, kind: kind, help: help), number)
        }
    }
}

extension FamilySet {
    /// Whether `INFO` named the database of this number.
    fileprivate func hasDatabase(_ index: Int) -> Bool {
        let value = Symbol("db\(index)")
        return all.first { $0.name == RedisField.databaseKeys.name }?.samples
            .contains { $0.labels[Symbol("db")] == value } ?? false
    }
}
