// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import RedisClient
internal import Samples

extension RedisPart {
    /// The size of chosen keys, whatever their type; a key that is not there has no series.
    ///
    /// One command a key answers for every type: the one that does not fit is refused by the
    /// server, which the script turns into nothing. A pattern is a scan of at most 10 x 1000 keys.
    static func keys(_ names: [String], _ database: String) -> RedisPart {
        RedisPart(
            name: "keys",
            commands: names.map { ["EVAL", keyScript, "0", $0] }
        ) { replies, _, families in
            let size = Metric.gauge("redis_key_size", "Elements of the key, or bytes of a string.")
            for pair in replies.flatMap({ $0.elements ?? [] }) {
                guard let parts = pair.elements, parts.count == 2, let key = parts[0].text,
                    let value = parts[1].number
                else { continue }
                families.add(size, value, [("db", database), ("key", key)])
            }
        }
    }

    /// The length of chosen streams and the state of their groups.
    static func streams(_ names: [String], _ database: String) -> RedisPart {
        RedisPart(
            name: "streams",
            commands: names.flatMap { [["XLEN", $0], ["EVAL", groupScript, "1", $0]] }
        ) { replies, _, families in
            for (index, name) in names.enumerated() {
                let labels = [("db", database), ("stream", name)]
                families.add(
                    .gauge("redis_stream_length", "Entries of the stream."),
                    replies[index * 2].number ?? 0,
                    labels
                )
                for group in replies[index * 2 + 1].elements ?? [] {
                    write(group, labels, into: &families)
                }
            }
        }
    }

    private static func write(
        _ group: RedisReply,
        _ labels: [(String, String)],
        into families: inout FamilySet
    ) {
        let parts = group.elements ?? []
        var fields: [String: RedisReply] = [:]
        for index in stride(from: 0, to: parts.count - 1, by: 2) {
            if let name = parts[index].text { fields[name] = parts[index + 1] }
        }
        guard let name = fields["name"]?.text else { return }
        let labels = labels + [("group", name)]
        let metrics: [(String, Metric)] = [
            ("consumers", .gauge("redis_stream_group_consumers", "Consumers of the group.")),
            (
                "pending",
                .gauge("redis_stream_group_messages_pending", "Entries read but not confirmed.")
            ),
            // The server says null where it cannot know the lag: then there is no sample.
            ("lag", .gauge("redis_stream_group_lag", "Entries that the group has not read.")),
        ]
        for (field, metric) in metrics {
            guard let value = fields[field]?.number else { continue }
            families.add(metric, value, labels)
        }
    }

    private static let keyScript = """
        local sizes = {string='STRLEN', list='LLEN', set='SCARD', zset='ZCARD', hash='HLEN', \
        stream='XLEN'}
        local found = {}
        local function look(key)
          local command = sizes[redis.call('TYPE', key).ok]
          if command then found[#found + 1] = {key, redis.call(command, key)} end
        end
        if not string.find(ARGV[1], '*', 1, true) then look(ARGV[1]) return found end
        local cursor = '0'
        for _ = 1, 10 do
          local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 1000)
          for _, key in ipairs(page[2]) do look(key) end
          cursor = page[1]
          if cursor == '0' then break end
        end
        return found
        """

    /// A stream that is not there has no groups; asking directly would be an error.
    private static let groupScript = """
        if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
        return redis.call('XINFO', 'GROUPS', KEYS[1])
        """
}
