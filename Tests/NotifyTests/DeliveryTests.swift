// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Alerts
import HTTPFetch
import Samples
import Secrets
import SourceText
import Storage
import Telemetry
import TestSupport
import Testing

@testable import Notify

/// Runs a pipeline against stand-ins of receivers until `body` is done.
func withPipeline(
    _ options: NotifyOptions,
    path: String? = nil,
    _ body: (Pipeline) async throws -> Void
) async throws {
    let registry = Registry()
    var storage = StorageOptions.standard
    storage.path = path
    let store = try await SeriesStore.open(storage, telemetry: registry)
    let pipeline = Pipeline(
        options: options,
        ledger: store.ledger,
        http: HTTPClient(),
        telemetry: registry
    )
    let start = ContinuousClock.now
    let now: @Sendable () -> Timestamp = { at(1_000) + (ContinuousClock.now - start) }
    try await pipeline.load(now: now())
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await pipeline.run(clock: ContinuousClock(), now: now) }
        try await body(pipeline)
        group.cancelAll()
    }
    await store.close()
}

private func quick(_ receivers: [Receiver], _ routes: [Route]) -> NotifyOptions {
    var retry = RetryOptions.standard
    retry.firstDelay = .milliseconds(20)
    return NotifyOptions(
        route: Route(
            receiver: "team",
            groupBy: ["service"],
            groupWait: .zero,
            groupInterval: .seconds(300),
            routes: routes
        ),
        receivers: receivers,
        retry: retry
    )
}

private func hook(_ name: String, _ url: String) -> Receiver {
    Receiver(name: name, webhookConfigs: [WebhookOptions(url: Credential(Secret(url)))])
}

@Suite(.timeLimit(.minutes(1))) struct DeliveryTests {
    @Test func `every attempt of a delivery carries the same id, in header and body`() async throws
    {
        let receiver = FakeReceiver { number, _ in
            number < 2 ? .body(500, "no") : .body(200, "ok")
        }
        try await withPipeline(quick([hook("team", receiver.url)], [])) { pipeline in
            await pipeline.receive([alert("A", from: 1_000)], now: at(1_000))
            #expect(await receiver.hasReceived(3))
        }
        let ids = receiver.requests.map { $0.headers["webhook-id"] }
        #expect(Set(ids).count == 1)
        for request in receiver.requests {
            let body = try JSONValue.parse(request.body)
            #expect(body["nightjar"]?["delivery_id"]?.string == ids[0])
            #expect(body["version"]?.string == "4")
            #expect(request.headers["content-type"] == "application/json")
        }
    }

    @Test func `a hung receiver delays nobody else`() async throws {
        let hung = FakeReceiver { _, _ in .silence }
        let healthy = FakeReceiver()
        let receivers = [hook("team", hung.url), hook("other", healthy.url)]
        let route = Route(receiver: "other", matchers: [Matcher("service", equals: "y")])
        try await withPipeline(quick(receivers, [route])) { pipeline in
            await pipeline.receive([alert("A", from: 1_000)], now: at(1_000))
            #expect(await hung.hasReceived(1))
            let other = alert("B", from: 1_001, labels: ["service": "y"])
            await pipeline.receive([other], now: at(1_001))
            #expect(await healthy.hasReceived(1))
            // The answer comes a little after the request was seen.
            for _ in 0..<2_000 where await pipeline.outboxCount > 1 {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(await pipeline.outboxCount == 1)
            #expect(await pipeline.notifications.first?.receiver == "other")
        }
    }

    @Test func `what is on its way at the end is delivered by the next run`() async throws {
        let directory = TemporaryDirectory()
        let receiver = FakeReceiver { number, _ in number == 0 ? .silence : .body(200, "ok") }
        let options = quick([hook("team", receiver.url)], [])
        try await withPipeline(options, path: directory.path) { pipeline in
            await pipeline.receive([alert("A", from: 1_000)], now: at(1_000))
            #expect(await receiver.hasReceived(1))
        }
        try await withPipeline(options, path: directory.path) { _ in
            #expect(await receiver.hasReceived(2))
        }
        let ids = receiver.requests.map { $0.headers["webhook-id"] }
        #expect(ids[0] == ids[1])
    }

    @Test func `a refused connection is tried again`() async throws {
        let port = freePort()
        try await withPipeline(quick([hook("team", "http://127.0.0.1:\(port)")], [])) { pipeline in
            await pipeline.receive([alert("A", from: 1_000)], now: at(1_000))
            for _ in 0..<2_000 where await pipeline.notifications.count < 2 {
                try await Task.sleep(for: .milliseconds(5))
            }
            let attempts = await pipeline.notifications
            #expect(attempts.count >= 2)
            #expect(attempts.allSatisfy { $0.outcome == .retrying && $0.statusCode == nil })
            #expect(await pipeline.outboxCount == 1)
        }
    }

    @Test func `a bot's message is edited where it stands`() async throws {
        let slack = FakeReceiver { _, _ in
            .body(200, #"{"ok":true,"channel":"C1","ts":"17.5"}"#, type: "application/json")
        }
        var bot = SlackOptions()
        bot.sendResolved = true
        bot.appToken = Credential(Secret("xoxb-1"))
        bot.appURL = slack.url + "/api/chat.postMessage"
        bot.channel = "#ops"
        bot.updateMessage = true
        var options = quick([Receiver(name: "team", slackConfigs: [bot])], [])
        options.route.groupInterval = .milliseconds(50)
        try await withPipeline(options) { pipeline in
            await pipeline.receive([alert("A", from: 1_000)], now: at(1_000))
            #expect(await slack.hasReceived(1))
            await pipeline.receive(
                [alert("A", from: 1_000, to: 1_000, updated: 1_001)],
                now: at(1_001)
            )
            #expect(await slack.hasReceived(2))
        }
        #expect(slack.requests.map(\.path) == ["/api/chat.postMessage", "/api/chat.update"])
        let edit = try JSONValue.parse(slack.requests[1].body)
        #expect(edit["channel"]?.string == "C1")
        #expect(edit["ts"]?.string == "17.5")
        #expect(slack.requests[0].headers["authorization"] == "Bearer xoxb-1")
    }
}
