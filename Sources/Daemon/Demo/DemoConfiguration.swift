// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Where the parts of the throw-away stack listen.
struct DemoAddresses {
    let postgresPort: Int
    let redisPort: Int
    let servicePort: Int
    let receiverPort: Int
    let kafkaBrokers: String
}

/// The files that the demonstration's daemon is started with.
enum DemoConfiguration {
    /// The configuration, as a user would write it; only the intervals are shorter.
    static func text(_ addresses: DemoAddresses) -> String {
        """
        global:
          poll_interval: 1s
          poll_timeout: 1s
          scrape_interval: 1s
          scrape_timeout: 1s
          evaluation_interval: 1s
          external_labels: {stack: demo}
        web: {listen: "127.0.0.1:0"}
        storage: {path: data}
        postgres:
          - name: main
            dsn: postgresql://postgres@127.0.0.1:\(addresses.postgresPort)/postgres
            reserved_connections: 20
            pools: {auth-service: 16, user-service: 18, content-service: 18}
        redis:
          - {name: cache, address: "redis://127.0.0.1:\(addresses.redisPort)/0"}
        circuit_breakers:
          - name: graphql-gateway
            url: http://127.0.0.1:\(addresses.servicePort)/health/circuit-breakers
            headers: {Host: api.nova.local}
            format: nova
        kafka:
          - name: events
            brokers: [\(addresses.kafkaBrokers)]
            groups: {include: [feed-workers, notification-workers]}
        scrape_configs:
          - job_name: gateway
            static_configs: [{targets: ["127.0.0.1:\(addresses.servicePort)"]}]
        rule_files: [demo.rules.yml]
        alerting:
          route:
            receiver: on-call
            group_by: [alertname]
            group_wait: 1s
            group_interval: 2s
            repeat_interval: 1h
          receivers:
            - name: on-call
              slack_configs:
                - {api_url: "http://127.0.0.1:\(addresses.receiverPort)/slack", send_resolved: true}
              pagerduty_configs:
                - {routing_key: demo, url: "http://127.0.0.1:\(addresses.receiverPort)/pagerduty"}

        """
    }

    /// The documented alerts that the faults bring about, with short waits.
    ///
    /// `rules/` holds the real ones; here the `for` times are seconds, so that a minute shows all.
    static let rules = """
        groups:
          - name: demo
            rules:
              - alert: DatabaseConnectionPoolExhausted
                expr: db_pool_utilization_ratio > 0.9
                for: 3s
                labels: {severity: critical}
                annotations:
                  summary: 'The connection pool of {{ $labels.service }} on {{ $labels.server }} is nearly empty'
                  description: '{{ $value | humanizePercentage }} of the connections are taken; the limit is 90%.'
                  impact: 'Requests of {{ $labels.service }} wait for a connection and then fail.'
                  first_step: 'Look for sessions idle in transaction of {{ $labels.service }} in pg_stat_activity.'
                  runbook_url: https://runbooks.example.com/DatabaseConnectionPoolExhausted
              - alert: CircuitBreakerOpen
                expr: circuit_breaker_state{state=~"open|forced_open"} == 1
                labels: {severity: critical}
                annotations:
                  summary: 'The breaker of {{ $labels.endpoint }} to {{ $labels.service }} is open'
                  description: '{{ $labels.endpoint }} refuses all calls to {{ $labels.service }}.'
                  impact: 'What needs {{ $labels.service }} is missing from answers; the rest works.'
                  first_step: 'Look at the health and the last deployment of {{ $labels.service }}.'
                  runbook_url: https://runbooks.example.com/CircuitBreakerOpen
              - alert: HighLatency
                expr: histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket[10s]))) > 0.5
                for: 3s
                labels: {severity: warning}
                annotations:
                  summary: '{{ $labels.service }} answers slowly'
                  description: 'The 99th percentile of requests is {{ $value | humanizeDuration }}; the limit is 500ms.'
                  impact: 'Users of {{ $labels.service }} wait.'
                  first_step: 'Compare with the latency of what {{ $labels.service }} calls.'
                  runbook_url: https://runbooks.example.com/HighLatency
              - alert: KafkaConsumerLagGrowing
                expr: sum by (cluster, consumergroup, topic) (kafka_consumergroup_lag) > 500
                for: 3s
                labels: {severity: warning}
                annotations:
                  summary: '{{ $labels.consumergroup }} falls behind on {{ $labels.topic }}'
                  description: '{{ $value | humanize }} messages wait; the limit is 500.'
                  impact: 'What {{ $labels.consumergroup }} makes of {{ $labels.topic }} is late.'
                  first_step: 'See whether the members of {{ $labels.consumergroup }} are alive and rebalancing.'
                  runbook_url: https://runbooks.example.com/KafkaConsumerLagGrowing
              - alert: RedisDown
                expr: nightjar_source_up{kind="redis"} == 0
                for: 3s
                labels: {severity: critical}
                annotations:
                  summary: 'Redis {{ $labels.name }} does not answer'
                  description: 'The polls of Redis {{ $labels.name }} fail.'
                  impact: 'Whatever reads the cache goes to the database instead.'
                  first_step: 'See whether the process runs and what its log says; do not flush it.'
                  runbook_url: https://runbooks.example.com/RedisDown

        """
}
