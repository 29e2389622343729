// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import SourceText
import TestSupport
import Testing

/// Real engines get the samples that Nightjar stored, and Nightjar gets a real engine's.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: RealPrometheus.isInstalled))
struct RealPeersTests {
    private let page = GaugePage()
    private let ours = #"{__name__=~"queue_depth|up|nightjar_storage_.*"}"#

    private func configuration(_ remote: String) -> String {
        """
        global: {scrape_interval: 250ms, poll_interval: 250ms}
        web: {listen: "127.0.0.1:0"}
        storage: {path: data}
        scrape_configs:
          - {job_name: app, static_configs: [{targets: ["\(page.target)"]}]}
        remote_write:
          - {name: far, url: "\(remote)/api/v1/write", queue_config: {batch_send_deadline: 250ms}}
        """
    }

    /// Lets a gauge change until there are so many samples of it.
    private func produce(
        _ deployment: Deployment,
        _ address: String,
        _ count: Int
    ) async throws {
        var value = 0.0
        #expect(
            try await eventually {
                value += 1.5
                page.set(value)
                let now = Double(wallClockMilliseconds()) / 1_000
                let found = try await deployment.samples(address, "queue_depth", at: now)
                return (found.values.first?.count ?? 0) >= count
            }
        )
    }

    /// A moment whose samples have all come to storage; whole, as Prometheus cuts off a fraction.
    private func settled() async throws -> Double {
        let now = wallClockMilliseconds()
        try await Task.sleep(for: .milliseconds(1_500))
        return Double(now / 1_000)
    }

    @Test func `Prometheus receives the samples that were stored`() async throws {
        let prometheus = try await RealPrometheus()
        let deployment = try Deployment(configuration(prometheus.url))
        try await deployment.run { address in
            try await produce(deployment, address, 12)
            let time = try await settled()
            let stored = try await deployment.samples(address, ours, at: time)
            #expect(stored.count > 10)
            var received: StoredSamples = [:]
            let isEqual = try await eventually {
                received = try await deployment.samples(prometheus.url, ours, at: time)
                return received == stored
            }
            #expect(isEqual, "\(difference(stored, received))")
            let lost = try await deployment.query(
                address,
                "sum(nightjar_remote_write_samples_dropped_total)"
            )
            #expect(lost[""] == 0)
        }
    }

    @Test(.enabled(if: RealVictoriaMetrics.isInstalled))
    func `VictoriaMetrics receives the samples that were stored`() async throws {
        let victoria = try await RealVictoriaMetrics()
        let deployment = try Deployment(configuration(victoria.url))
        try await deployment.run { address in
            try await produce(deployment, address, 12)
            let time = try await settled()
            let stored = try await deployment.samples(address, ours, at: time)
            #expect(stored.count > 10)
            var received: StoredSamples = [:]
            let isEqual = try await eventually {
                received = try await deployment.exported(victoria.url, ours, at: time)
                return received == stored
            }
            #expect(isEqual, "\(difference(stored, received))")
        }
    }

    @Test func `a real Prometheus' samples arrive as it stored them`() async throws {
        let deployment = try Deployment(
            """
            web: {listen: "127.0.0.1:0"}
            storage: {path: data}
            """
        )
        try await deployment.run { address in
            let prometheus = try await RealPrometheus(
                """
                global: {scrape_interval: 250ms, scrape_timeout: 250ms}
                scrape_configs:
                  - {job_name: app, static_configs: [{targets: ["\(page.target)"]}]}
                remote_write:
                  - url: \(address)/api/v1/write
                    queue_config: {batch_send_deadline: 250ms}
                    metadata_config: {send_interval: 1s}

                """
            )
            try await produce(deployment, address, 12)
            let time = try await settled()
            let selector = #"{job=~".+"}"#
            let theirs = try await deployment.samples(prometheus.url, selector, at: time)
            #expect(theirs.count == 5 + 1)
            var received: StoredSamples = [:]
            let isEqual = try await eventually {
                received = try await deployment.samples(address, selector, at: time)
                return received == theirs
            }
            #expect(isEqual, "\(difference(theirs, received))")
            let refused = try await deployment.query(
                address,
                #"sum(nightjar_remote_write_received_samples_total{outcome!~"stored|duplicate"})"#
            )
            #expect((refused[""] ?? 0) == 0)
        }
    }

    @Test(.enabled(if: RealVMAgent.isInstalled && RealVictoriaMetrics.isInstalled))
    func `a real vmagent's samples arrive as at VictoriaMetrics`() async throws {
        let victoria = try await RealVictoriaMetrics()
        let deployment = try Deployment(
            """
            web: {listen: "127.0.0.1:0"}
            storage: {path: data}
            """
        )
        try await deployment.run { address in
            let agent = try RealVMAgent(
                """
                global: {scrape_interval: 250ms, scrape_timeout: 250ms}
                scrape_configs:
                  - {job_name: app, static_configs: [{targets: ["\(page.target)"]}]}

                """,
                sendingTo: [address, victoria.url].map { $0 + "/api/v1/write" }
            )
            try await produce(deployment, address, 12)
            let time = try await settled()
            let selector = #"{job=~".+"}"#
            var theirs: StoredSamples = [:]
            var received: StoredSamples = [:]
            let isEqual = try await eventually {
                theirs = try await deployment.exported(victoria.url, selector, at: time)
                received = try await deployment.samples(address, selector, at: time)
                return received == theirs
            }
            #expect(isEqual, "\(difference(theirs, received))")
            #expect(theirs.count > 5)
            let refused = try await deployment.query(
                address,
                #"sum(nightjar_remote_write_received_samples_total{outcome!~"stored|duplicate"})"#
            )
            #expect((refused[""] ?? 0) == 0)
            withExtendedLifetime(agent) {}
        }
    }

    @Test func `a process that is killed loses nothing of what it had not sent`() async throws {
        let deployment = try Deployment(configuration("http://127.0.0.1:\(freePort())"))
        let first = try await NightjarProcess(deployment, number: 1)
        try await produce(deployment, first.address, 12)
        let time = try await settled()
        let before = try await deployment.samples(first.address, ours, at: time)
        first.send(signal: 9)
        #expect(first.wait() == 128 + 9)

        let prometheus = try await RealPrometheus()
        try deployment.write("nightjar.yml", configuration(prometheus.url))
        let second = try await NightjarProcess(deployment, number: 2)
        try await produce(deployment, second.address, 15)
        let later = try await settled()
        let stored = try await deployment.samples(second.address, ours, at: later)
        let gauge = try #require(before.first { $0.key.contains("queue_depth") })
        #expect(stored[gauge.key]?.starts(with: gauge.value) == true)
        var received: StoredSamples = [:]
        let isEqual = try await eventually {
            received = try await deployment.samples(prometheus.url, ours, at: later)
            return received == stored
        }
        #expect(isEqual, "\(difference(stored, received))")
        second.send(signal: 15)
        #expect(second.wait() == 0)
    }
}
