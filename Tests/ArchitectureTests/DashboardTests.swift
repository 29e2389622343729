// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLSyntax
import SourceText
import TestSupport
import Testing

@Suite struct DashboardTests {
    static let names = [
        "overview", "database-pools", "circuit-breakers", "redis", "kafka-lag", "services",
    ]

    /// The metrics that Nightjar makes or scrapes by its documents; a new one is added here.
    static let catalogue = Set(
        """
            ALERTS circuit_breaker_failures_total circuit_breaker_healthy circuit_breaker_state
            circuit_breaker_state_seconds circuit_breaker_transitions_total
            db_pool_acquire_duration_seconds_bucket db_pool_connection_errors_total
            db_pool_connections db_pool_utilization_ratio grpc_request_duration_seconds_bucket
            grpc_requests_total http_request_duration_seconds_bucket http_requests_total
            kafka_brokers kafka_consumergroup_current_offset kafka_consumergroup_lag
            kafka_consumergroup_members kafka_topic_partition_current_offset
            kafka_topic_partition_under_replicated_partition nightjar_source_failure
            nightjar_source_poll_duration_seconds_bucket nightjar_source_up
            outbox_command_queue_depth pg_connection_headroom pg_connections_promised
            pg_connections_usable pg_database_size_bytes pg_locks_count pg_stat_activity_count
            pg_stat_activity_max_tx_duration pg_stat_database_deadlocks
            pg_stat_database_xact_commit pg_stat_database_xact_rollback pg_up
            projector_lag_milliseconds rate_limit_rejections_total rate_limit_requests_total
            redis_blocked_clients redis_commands_duration_seconds_total
            redis_commands_processed_total redis_commands_total redis_connected_clients
            redis_db_keys redis_evicted_keys_total redis_expired_keys_total
            redis_keyspace_hits_total redis_keyspace_misses_total redis_memory_max_bytes
            redis_memory_used_bytes redis_memory_used_rss_bytes redis_rejected_connections_total
            redis_slowlog_length redis_up redis_uptime_in_seconds up
        """.split { $0 == " " || $0 == "\n" }.map(String.init)
    )

    @Test(arguments: names)
    func `every expression parses and asks for known metrics`(name: String) throws {
        let expressions = expressions(in: try dashboard(name))
        #expect(expressions.count > 5)
        for text in expressions {
            let expression = try parseExpression(withoutVariables(text))
            #expect(!expression.selectors.isEmpty, "\(text)")
            for selector in expression.selectors {
                #expect(Self.catalogue.contains(selector.name ?? ""), "\(text)")
            }
        }
    }

    @Test(arguments: names)
    func `the data source is a variable everywhere`(name: String) throws {
        let document = try dashboard(name)
        #expect(document["uid"]?.string == "nightjar-\(name)")
        let variables = document["templating"]?["list"]?.array ?? []
        #expect(variables.first?["type"]?.string == "datasource")
        for panel in document["panels"]?.array ?? [] where panel["type"]?.string != "row" {
            #expect(panel["datasource"]?["uid"]?.string == "${datasource}")
            #expect(panel["description"]?.string?.isEmpty == false)
            for target in panel["targets"]?.array ?? [] {
                #expect(target["datasource"]?["uid"]?.string == "${datasource}")
            }
        }
    }

    @Test(
        .enabled(
            if: conformanceFolder("schemas") != nil && DashboardTests.hasJSONSchema,
            "../shared/conformance/schemas or Python's jsonschema is absent"
        ),
        arguments: names
    )
    func `the file has the shape that Grafana declares`(name: String) throws {
        let folder = try #require(conformanceFolder("schemas"))
        let file = repositoryRoot + "/dashboards/\(name).json"
        let found = try TextFile.output(
            of: ["python3", folder + "/check", "grafana-dashboard", file]
        )
        #expect(found == "")
    }

    private static var hasJSONSchema: Bool {
        (try? ServerProcess.run(["python3", "-c", "import jsonschema"])) == 0
    }

    private func dashboard(_ name: String) throws -> JSONValue {
        try JSONValue.parse(try TextFile.read(repositoryRoot + "/dashboards/\(name).json"))
    }

    private func expressions(in document: JSONValue) -> [String] {
        (document["panels"]?.array ?? []).flatMap { $0["targets"]?.array ?? [] }
            .compactMap { $0["expr"]?.string }
    }

    /// Grafana replaces variables before it asks; inside quotes any text stands for them.
    private func withoutVariables(_ text: String) -> String {
        String(text.map { $0 == "$" ? "x" : $0 })
    }
}
