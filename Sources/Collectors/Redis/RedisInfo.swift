// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// What `INFO` says, read line by line.
struct RedisInfo {
    /// The fields in the server's order.
    let fields: [(name: String, value: String)]
    private let byName: [String: String]

    /// Reads `name:value` lines; titles and what has no colon are passed over.
    init(_ text: String) {
        var fields: [(String, String)] = []
        for line in text.split(whereSeparator: \.isNewline) where line.first != "#" {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields.append((String(line[..<colon]), String(line[line.index(after: colon)...])))
        }
        self.fields = fields
        byName = Dictionary(fields) { first, _ in first }
    }

    /// The value of a field; empty where there is none.
    subscript(name: String) -> String { byName[name] ?? "" }

    /// The pairs of a value such as `keys=1,expires=0`.
    static func pairs(_ value: String) -> [String: String] {
        var result: [String: String] = [:]
        for pair in value.split(separator: ",") {
            guard let sign = pair.firstIndex(of: "=") else { continue }
            result[String(pair[..<sign])] = String(pair[pair.index(after: sign)...])
        }
        return result
    }

    /// Adds everything under redis_exporter's names; `time` is the poll's.
    func write(into families: inout FamilySet, at time: Timestamp) {
        writeInstance(into: &families)
        writeReplication(into: &families)
        for (name, value) in fields {
            if let field = RedisField.all[name] {
                guard let number = RedisField.number(value) else { continue }
                families.add(field.metric, number * field.factor)
            } else {
                writeComposite(name, value, into: &families)
            }
        }
        if let uptime = Double(self["uptime_in_seconds"]) {
            let metric = Metric.gauge("redis_start_time_seconds", "When the server started.")
            families.add(metric, time.seconds.rounded() - uptime)
        }
    }

    private func writeInstance(into families: inout FamilySet) {
        let names = [
            "role", "redis_version", "redis_build_id", "redis_mode", "os", "maxmemory_policy",
            "tcp_port", "run_id", "process_id", "master_replid", "server_name", "valkey_version",
        ]
        let metric = Metric.gauge("redis_instance_info", "What the server is.")
        families.add(metric, 1, names.map { ($0, self[$0]) })
    }

    private func writeReplication(into families: inout FamilySet) {
        guard !self["master_host"].isEmpty else { return }
        let master = [
            ("master_host", self["master_host"]), ("master_port", self["master_port"]),
        ]
        families.add(
            .gauge("redis_master_link_up", "1 while the link to the master is up."),
            self["master_link_status"] == "up" ? 1 : 0,
            master
        )
        let gauges = [
            ("master_last_io_seconds_ago", "Seconds since the master was last heard; -1 if never."),
            ("master_sync_in_progress", "1 while the master sends everything."),
            ("slave_repl_offset", "The replica's place in the master's stream."),
        ]
        for (name, help) in gauges {
            guard let value = Double(self[name]) else { continue }
            families.add(.gauge("redis_" + name, help), value, master)
        }
        families.add(
            .gauge("redis_slave_info", "What the replica is."),
            1,
            master + [("read_only", self["slave_read_only"])]
        )
    }

    /// Fields whose name says of what, and whose value is a list of pairs.
    private func writeComposite(
        _ name: String,
        _ value: String,
        into families: inout FamilySet
    ) {
        if let command = name.without(prefix: "cmdstat_") {
            writeCommand(command, value, into: &families)
        } else if let error = name.without(prefix: "errorstat_") {
            let count = Double(Self.pairs(value)["count"] ?? "")
            let metric = Metric.counter("redis_errors_total", "Errors answered, by prefix.")
            if let count { families.add(metric, count, [("err", error)]) }
        } else if let command = name.without(prefix: "latency_percentiles_usec_") {
            writeLatency(command, value, into: &families)
        } else if let number = name.without(prefix: "db"), Int(number) != nil {
            writeDatabase(name, value, into: &families)
        } else if let number = name.without(prefix: "slave"), Int(number) != nil {
            writeReplica(value, into: &families)
        }
    }

    private func writeCommand(_ command: String, _ value: String, into families: inout FamilySet) {
        let pairs = Self.pairs(value)
        let metrics: [(String, Metric, Double)] = [
            ("calls", .counter("redis_commands_total", "Calls of the command."), 1),
            (
                "usec",
                .counter("redis_commands_duration_seconds_total", "Time in the command."), 1e-6
            ),
            (
                "rejected_calls",
                .counter("redis_commands_rejected_calls_total", "Calls refused before running."), 1
            ),
            (
                "failed_calls",
                .counter("redis_commands_failed_calls_total", "Calls that failed."), 1
            ),
        ]
        for (key, metric, factor) in metrics {
            guard let number = Double(pairs[key] ?? "") else { continue }
            families.add(metric, number * factor, [("cmd", command)])
        }
    }

    private func writeLatency(_ command: String, _ value: String, into families: inout FamilySet) {
        let metric = Metric(
            name: "redis_latency_percentiles_usec",
            kind: .summary,
            help: "Microseconds of the command by quantile."
        )
        for (key, text) in Self.pairs(value).sorted(by: { $0.key < $1.key }) {
            guard key.first == "p", let percent = Double(key.dropFirst()), percent <= 100,
                let number = Double(text)
            else { continue }
            families.add(metric, number, [("cmd", command), ("quantile", "\(percent / 100)")])
        }
        let totals = Self.pairs(self["cmdstat_" + command])
        guard let sum = Double(totals["usec"] ?? ""), let count = Double(totals["calls"] ?? "")
        else { return }
        families.add(metric, sum, [("cmd", command)], sample: metric.name + "_sum")
        families.add(metric, count, [("cmd", command)], sample: metric.name + "_count")
    }

    private func writeDatabase(_ name: String, _ value: String, into families: inout FamilySet) {
        let pairs = Self.pairs(value)
        let metrics: [(String, Metric, Double)] = [
            ("keys", RedisField.databaseKeys, 1), ("expires", RedisField.databaseExpiring, 1),
            ("avg_ttl", .gauge("redis_db_avg_ttl_seconds", "Average time to live."), 1e-3),
        ]
        for (key, metric, factor) in metrics {
            guard let number = Double(pairs[key] ?? "") else { continue }
            families.add(metric, number * factor, [("db", name)])
        }
    }

    private func writeReplica(_ value: String, into families: inout FamilySet) {
        let pairs = Self.pairs(value)
        let labels = [
            ("slave_ip", pairs["ip"] ?? ""), ("slave_port", pairs["port"] ?? ""),
            ("slave_state", pairs["state"] ?? ""),
        ]
        let metrics: [(String, Metric)] = [
            (
                "offset",
                .gauge("redis_connected_slave_offset_bytes", "How far the replica has come.")
            ),
            (
                "lag",
                .gauge("redis_connected_slave_lag_seconds", "Seconds since the replica was heard.")
            ),
        ]
        for (key, metric) in metrics {
            guard let number = Double(pairs[key] ?? "") else { continue }
            families.add(metric, number, labels)
        }
    }
}

extension String {
    /// The rest after a prefix; nil where it does not begin so.
    fileprivate func without(prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
