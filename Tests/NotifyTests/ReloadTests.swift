// SPDX-License-Identifier: Apache-2.0
// Nightjar
import HTTPFetch
import Locking
import Samples
import Secrets
import SourceText
import Storage
import TestSupport
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

    @Test func `a receiver that is removed hears of the end after a restart, too`() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("data")
        do {
            let rig = try await Rig.open(options("old", to: "old"), path: path)
            await rig.pipeline.receive([alert("A")], now: at(0))
            await rig.advance(to: at(30))
            await rig.pipeline.update(options("new", to: "new"), now: at(60))
            await rig.advance(to: at(400))
            #expect(paths(rig) == ["old", "new"])
            await rig.store.close()
        }
        let rig = try await Rig.open(options("new", to: "new"), path: path, now: at(500))
        await rig.pipeline.receive([alert("A", updated: 510)], now: at(510))
        await rig.advance(to: at(1_000))
        #expect(paths(rig) == [])
        await rig.pipeline.receive([alert("A", to: 1_100)], now: at(1_100))
        await rig.advance(to: at(2_000))
        #expect(Set(paths(rig)) == ["old", "new"])
        #expect(try rig.told(0) == "A resolved")
        #expect(rig.requests().count == 2)
        await rig.advance(to: at(3_000))
        #expect(try await rig.store.ledger.load(Space.former).isEmpty)
    }

    @Test func `a route that comes beside another of its receiver tells nobody anew`() async throws
    {
        let directory = TemporaryDirectory()
        let path = directory.file("data")
        var beside = options("old", to: "old")
        beside.route.routes = [
            Route(receiver: "old", matchers: [Matcher("severity", equals: "page")]),
            Route(receiver: "old"),
        ]
        do {
            let rig = try await Rig.open(options("old", to: "old"), path: path)
            await rig.pipeline.receive([alert("A")], now: at(0))
            await rig.advance(to: at(30))
            await rig.pipeline.update(beside, now: at(60))
            await rig.advance(to: at(600))
            #expect(paths(rig) == ["old"])
            await rig.store.close()
        }
        let rig = try await Rig.open(beside, path: path, now: at(700))
        await rig.pipeline.receive([alert("A", updated: 710)], now: at(710))
        await rig.advance(to: at(1_200))
        #expect(rig.requests().isEmpty)
        await rig.pipeline.receive([alert("A", to: 1_300)], now: at(1_300))
        await rig.advance(to: at(2_000))
        #expect(try rig.told(0) == "A resolved")
        await rig.advance(to: at(3_000))
        #expect(try await rig.store.ledger.load(Space.keys).isEmpty)
    }

    @Test func `messages of a group keep their order over a change of the routes`() async throws {
        let isDown = Lock(false)
        let rig = try await Rig.open(options("old", to: "old")) { _ in
            Answer(status: isDown.withLock { $0 } ? 503 : 200, body: [])
        }
        await rig.pipeline.receive([alert("A")], now: at(0))
        await rig.advance(to: at(30))
        isDown.withLock { $0 = true }
        await rig.pipeline.receive([alert("A", to: 100)], now: at(100))
        await rig.advance(to: at(400))
        var beside = options("old", to: "old")
        beside.route.routes = [Route(receiver: "old")]
        await rig.pipeline.update(beside, now: at(401))
        await rig.pipeline.receive([alert("A", from: 402, updated: 402)], now: at(402))
        await rig.advance(to: at(500))
        isDown.withLock { $0 = false }
        let failed = rig.requests().count
        for second in stride(from: Int64(501), to: 1_200, by: 5) {
            await rig.advance(to: at(second))
        }
        #expect(try rig.told(failed) == "A resolved")
        #expect(try rig.told(failed + 1) == "A firing")
        #expect(rig.requests().count == failed + 2)
    }

    @Test func `what is kept of an integration is all that it needs`() throws {
        var slack = SlackOptions()
        slack.apiURL = Credential(Secret("https://hooks.example.com/1"))
        slack.title = "{{ .Status }}"
        slack.fields = [SlackField(title: "a", value: "b", isShort: true)]
        slack.timeout = .seconds(3)
        slack.http.headers = [HTTPHeader("X-Team", "night")]
        var pager = PagerDutyOptions(routingKey: Credential(Secret("key")))
        pager.details = ["a": "b"]
        pager.http.authorization = { .bearer(Secret("token")) }
        pager.http.tls.caFile = "ca.pem"
        var hook = WebhookOptions(url: Credential(Secret("https://example.com/hook")))
        hook.maxAlerts = 7
        hook.signingSecret = Credential(Secret("whsec_x"))
        let channels: [any Channel] = [slack, pager, hook]
        for channel in channels {
            let integration = Integration(receiver: "team", index: 2, channel: channel)
            let bytes = integration.record.bytes
            let again = try #require(Integration(record: try JSONValue.parse(bytes)))
            #expect(again.id == integration.id)
            #expect(again.record.bytes == bytes)
            #expect(bytes.count > 150)
        }
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
