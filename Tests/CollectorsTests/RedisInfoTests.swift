import Samples
import Testing

// SPDX-License-Identifier: Apache-2.0
// Nightjar
@testable import Collectors

@Suite struct RedisInfoTests {
    func lines(_ text: String) -> [String] {
        var families = FamilySet(base: .empty)
        RedisInfo(text).write(into: &families, at: Timestamp(seconds: 1_000))
        return families.all.flatMap(\.samples).map { "\($0.labels) \($0.value)" }
            .filter { !$0.hasPrefix("redis_instance_info") }
    }

    @Test func `fields have the exporter's names and units`() {
        let text = """
            # Server\r
            uptime_in_seconds:10\r
            used_memory:1024\r
            latest_fork_usec:500\r
            rdb_last_bgsave_status:err\r
            unknown_field:1\r
            """
        #expect(
            lines(text) == [
                "redis_uptime_in_seconds 10.0", "redis_memory_used_bytes 1024.0",
                "redis_latest_fork_seconds 0.0005", "redis_rdb_last_bgsave_status 0.0",
                "redis_start_time_seconds 990.0",
            ]
        )
    }

    @Test func `a replica names its master and a master its replicas`() {
        let text = """
            master_host:10.0.0.1
            master_port:6379
            master_link_status:down
            slave0:ip=10.0.0.2,port=6379,state=online,offset=100,lag=1
            """
        let master = #"master_host="10.0.0.1", master_port="6379""#
        let replica = #"slave_ip="10.0.0.2", slave_port="6379", slave_state="online""#
        #expect(
            lines(text) == [
                "redis_master_link_up{\(master)} 0.0", "redis_slave_info{\(master)} 1.0",
                "redis_connected_slave_offset_bytes{\(replica)} 100.0",
                "redis_connected_slave_lag_seconds{\(replica)} 1.0",
            ]
        )
    }

    @Test(arguments: ["", ":", "no colon", "db0:", "cmdstat_:=", "slave0:ip", "\u{0}:\u{0}\n\n:"])
    func `garbage gives nothing and does not trap`(text: String) {
        #expect(lines(text).isEmpty)
    }
}
