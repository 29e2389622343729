// SPDX-License-Identifier: Apache-2.0
// Nightjar
import TestSupport
import Testing

/// A disk without a byte left, which only root can make.
@Suite(.serialized, .enabled(if: SmallDisk.isAllowed, "only root may mount a small disk"))
struct FullDiskTests {
    private let witness = Witness()

    private func deploy() throws -> Deployment {
        try Deployment(
            """
            global: {poll_interval: 200ms, evaluation_interval: 200ms}
            web: {listen: "127.0.0.1:0"}
            storage: {path: data}
            rule_files: [rules.yml]
            alerting:
              route: {receiver: first, group_by: [alertname], group_wait: 100ms, group_interval: 300ms}
              receivers: [{name: first, webhook_configs: [{url: "\(witness.url)/first"}]}]
            """,
            [
                "rules.yml": """
                groups:
                  - name: always
                    rules:
                      - {alert: Watchdog, expr: vector(1)}
                      - {alert: StorageFailed, expr: nightjar_storage_failed == 1}
                """
            ]
        )
    }

    @Test func `the daemon starts on a full disk, knows who was told, and says that it is full`()
        async throws
    {
        let deployment = try deploy()
        let disk = try #require(SmallDisk(deployment.directory.file("data"), megabytes: 8))
        defer { disk.remove() }
        let first = try await NightjarProcess(deployment, number: 1)
        #expect(try await eventually { !witness.all.isEmpty })
        first.send(signal: 15)
        #expect(first.wait() == 0)
        try disk.fill()
        let second = try await NightjarProcess(deployment, number: 2)
        #expect(second.address != "", "\(second.log)")
        let isTold = { self.witness.lastStatus(of: "StorageFailed", at: "/first") }
        #expect(try await eventually { isTold() == "firing" })
        disk.free()
        #expect(try await eventually { isTold() == "resolved" })
        second.send(signal: 15)
        #expect(second.wait() == 0)
        #expect(witness.all.filter { $0.alert == "Watchdog" }.map(\.status) == ["firing"])
    }
}
