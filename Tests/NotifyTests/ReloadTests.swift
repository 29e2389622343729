// SPDX-License-Identifier: Apache-2.0
// Nightjar
import HTTPFetch
import Samples
import Secrets
import Storage
import Testing

@testable import Notify

/// What becomes of those who know of something when the configuration no longer names them.
struct ReloadTests {
    private func receiver(_ name: String) -> Receiver {
        let hook = WebhookOptions(url: Credential(Secret("http://127.0.0.1:1/\(name)")))
        return Receiver(name: name, webhookConfigs: [hook])
    }

    private func options(_ names: String..., to receiver: String) -> NotifyOptions {
        NotifyOptions(
            route: Route(receiver: receiver, groupBy: ["service"]),
            receivers: names.map(self.receiver),
            externalURL: "https://nightjar.example.com"
        )
    }

    private func paths(_ rig: Rig) -> [String] {
        rig.requests().map { String($0.url.split(separator: "/").last ?? "") }
    }

    @Test func `a receiver that is removed hears of the end, and of nothing else`() async throws {
        let rig = try await Rig.open(options("old", to: "old"))
        await rig.pipeline.receive([alert("A")], now: at(0))
        await rig.advance(to: at(30))
        #expect(paths(rig) == ["old"])
        await rig.pipeline.update(options("new", to: "new"), now: at(60))
        await rig.advance(to: at(400))
        #expect(paths(rig) == ["old", "new"])
        await rig.pipeline.receive([alert("B", updated: 500)], now: at(500))
        await rig.advance(to: at(20_000))
        #expect(paths(rig).filter { $0 == "old" }.count == 1)
        await rig.pipeline.receive([alert("A", to: 20_100)], now: at(20_100))
        await rig.advance(to: at(21_000))
        let old = paths(rig).lastIndex(of: "old") ?? 0
        #expect(old > 1)
        #expect(try rig.told(old) == "A resolved")
        await rig.advance(to: at(22_000))
        #expect(paths(rig).filter { $0 == "old" }.count == 2)
        #expect(await rig.pipeline.formerKeys.isEmpty)
    }

    @Test func `a receiver that comes back is not told again`() async throws {
        let rig = try await Rig.open(options("old", to: "old"))
        await rig.pipeline.receive([alert("A")], now: at(0))
        await rig.advance(to: at(30))
        await rig.pipeline.update(options("new", to: "new"), now: at(60))
        await rig.pipeline.update(options("old", to: "old"), now: at(61))
        await rig.advance(to: at(900))
        #expect(paths(rig) == ["old"])
        await rig.pipeline.receive([alert("A", to: 1_000)], now: at(1_000))
        await rig.advance(to: at(2_000))
        #expect(paths(rig) == ["old", "old"])
    }

    @Test func `what is over and told is forgotten`() async throws {
        let rig = try await Rig.open(options("team", to: "team"))
        await rig.pipeline.receive([alert("A")], now: at(0))
        await rig.advance(to: at(30))
        #expect(await rig.pipeline.log.count == 1)
        await rig.pipeline.receive([alert("A", to: 100)], now: at(100))
        await rig.advance(to: at(400))
        #expect(try rig.told(1) == "A resolved")
        await rig.advance(to: at(800))
        #expect(await rig.pipeline.log.isEmpty)
        #expect(try await rig.store.ledger.load(Space.log).isEmpty)
    }
}
