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
        rule_files: ["*.rules.yml"]
        alerting:
          route:
            receiver: on-call
            group_by: [alertname]
            group_wait: 1s
            group_interval: 2s
            repeat_interval: 1h
            # It fires always, to show that the way works; here nobody waits for it.
            routes: [{receiver: nobody, matchers: ['alertname="Watchdog"']}]
          receivers:
            - name: nobody
            - name: on-call
              slack_configs:
                - {api_url: "http://127.0.0.1:\(addresses.receiverPort)/slack", send_resolved: true}
              pagerduty_configs:
                - {routing_key: demo, url: "http://127.0.0.1:\(addresses.receiverPort)/pagerduty"}

        """
    }
}
