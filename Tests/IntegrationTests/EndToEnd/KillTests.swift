// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Locking
import SourceText
import TestSupport
import Testing

/// The program is killed without a warning, as by a failing machine, and begins again on its data.
@Suite(.serialized) struct KillTests {
    private let page = GaugePage()

    private func deploy(_ receiver: FakeReceiver) throws -> Deployment {
        try Deployment(
            """
            global: {scrape_interval: 200ms, evaluation_interval: 200ms, poll_interval: 200ms}
            web: {listen: "127.0.0.1:0"}
            storage: {path: data}
            scrape_configs:
              - {job_name: app, static_configs: [{targets: ["\(page.target)"]}]}
            rule_files: [rules.yml]
            alerting:
              route: {receiver: on-call, group_by: [alertname], group_wait: 100ms, group_interval: 200ms}
              receivers:
                - {name: on-call, webhook_configs: [{url: "\(receiver.url)/hook"}]}
            """,
            [
                "rules.yml": """
                groups:
                  - name: queue
                    rules:
                      - {alert: Deep, expr: queue_depth > 5}
                      - {alert: DeepForLong, expr: queue_depth > 5, for: 1h}
                """
            ]
        )
    }

    private func statuses(_ receiver: FakeReceiver) -> [String] {
        receiver.requests.map { request in
            (try? JSONValue.parse(request.body))?["status"]?.string ?? "no status"
        }
    }

    private func clocks(_ deployment: Deployment, _ address: String) async throws -> [String?] {
        [
            try await deployment.activeAt(address, "Deep"),
            try await deployment.activeAt(address, "DeepForLong"),
        ]
    }

    /// Waits until rules were evaluated so many times more.
    private func evaluate(_ deployment: Deployment, _ address: String, _ count: Double) async throws
    {
        let counter = "nightjar_rule_evaluations_total"
        let before = try await deployment.query(address, counter)[counter, default: 0]
        #expect(
            try await eventually {
                try await deployment.query(address, counter)[counter, default: 0] >= before + count
            }
        )
    }

    private func kill(_ nightjar: NightjarProcess) {
        nightjar.send(signal: 9)
        #expect(nightjar.wait() == 128 + 9)
    }

    @Test func `alerts go on where they were, nobody is told twice, and ends are told`()
        async throws
    {
        let receiver = FakeReceiver()
        let deployment = try deploy(receiver)
        page.set(9)
        let first = try await NightjarProcess(deployment, number: 1)
        #expect(await receiver.hasReceived(1))
        let all = ["Deep": "firing", "DeepForLong": "pending"]
        #expect(try await eventually { try await deployment.alerts(first.address) == all })
        // The receiver's answer has time to be committed; before that, a kill tells again.
        try await evaluate(deployment, first.address, 6)
        let before = try await clocks(deployment, first.address)
        #expect(!before.contains(nil))
        kill(first)

        let second = try await NightjarProcess(deployment, number: 2)
        // As many flushes of the group have time to tell it again.
        try await evaluate(deployment, second.address, 20)
        #expect(try await deployment.alerts(second.address) == all)
        #expect(try await clocks(deployment, second.address) == before)
        #expect(statuses(receiver) == ["firing"])
        kill(second)

        page.set(1)
        let third = try await NightjarProcess(deployment, number: 3)
        #expect(await receiver.hasReceived(2))
        #expect(try await eventually { try await deployment.alerts(third.address) == [:] })
        #expect(statuses(receiver) == ["firing", "resolved"])
        third.send(signal: 15)
        #expect(third.wait() == 0)
    }

    @Test func `what could not be delivered is delivered after a kill, once and under its id`()
        async throws
    {
        let isDown = Lock(true)
        let receiver = FakeReceiver { _, _ in
            isDown.withLock { $0 } ? .body(503, "not now") : .body(200, "ok")
        }
        let deployment = try deploy(receiver)
        page.set(9)
        let first = try await NightjarProcess(deployment, number: 1)
        #expect(await receiver.hasReceived(2))
        kill(first)
        let refused = receiver.requests
        isDown.withLock { $0 = false }
        let second = try await NightjarProcess(deployment, number: 2)
        #expect(await receiver.hasReceived(refused.count + 1))
        #expect(
            try await eventually {
                let waiting = try await deployment.query(
                    second.address,
                    "nightjar_outbox_deliveries"
                )
                return waiting["nightjar_outbox_deliveries"] == 0
            }
        )
        let ids = receiver.requests.map { $0.headers["webhook-id"] }
        #expect(Set(ids).count == 1)
        #expect(!ids.contains(nil))
        #expect(receiver.requests.count == refused.count + 1)
        second.send(signal: 15)
        #expect(second.wait() == 0)
    }

    /// Kills the program at moments of a second that differ; what it had is asked for just before.
    @Test func `a kill loses at most the last second of samples`() async throws {
        let deployment = try deploy(FakeReceiver())
        var process = try await NightjarProcess(deployment, number: 1)
        for (round, delayMs) in [0, 370, 620, 810, 140].enumerated() {
            let address = process.address
            // Five polls a second, since this process began.
            let count = "count_over_time(queue_depth[1m])"
            let start = try await deployment.query(address, count)["", default: 0]
            #expect(
                try await eventually {
                    try await deployment.query(address, count)["", default: 0] >= start + 8
                }
            )
            try await Task.sleep(for: .milliseconds(delayMs))
            let newest = "max(timestamp(queue_depth))"
            let last = try await deployment.query(address, newest)["", default: 0]
            // All that is older than a second.
            let older = "count_over_time(queue_depth[1h] @ \(last - 1))"
            let before = try await deployment.query(address, older)["", default: 0]
            kill(process)
            process = try await NightjarProcess(deployment, number: round + 2)
            let after = try await deployment.query(process.address, older)["", default: 0]
            #expect(before >= 3)
            #expect(after == before, "killed \(delayMs) ms after the eighth poll")
        }
        process.send(signal: 15)
        #expect(process.wait() == 0)
    }
}
