// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Alerts
import HTTPFetch
import Locking
import Samples
import Secrets
import SourceText
import Storage
import Telemetry
import TestSupport
import Testing

@testable import Notify

/// A pipeline without a network: requests are kept, and answered by script.
struct Rig {
    let pipeline: Pipeline
    let store: SeriesStore
    let registry = Registry()
    let sent = Lock<[HTTPFetchRequest]>([])

    /// Opens a pipeline over the database at `path`; nil keeps nothing.
    static func open(
        _ options: NotifyOptions,
        path: String? = nil,
        now: Timestamp = at(0),
        answer: @escaping @Sendable (Int) -> Answer = { _ in Answer(status: 200, body: []) }
    ) async throws -> Rig {
        let registry = Registry()
        var storage = StorageOptions.standard
        storage.path = path
        let store = try await SeriesStore.open(storage, telemetry: registry)
        let sent = Lock<[HTTPFetchRequest]>([])
        let pipeline = Pipeline(options: options, ledger: store.ledger, telemetry: registry) {
            request,
            _ in
            let number = sent.withLock { list in
                list.append(request)
                return list.count - 1
            }
            return .success(answer(number))
        }
        try await pipeline.load(now: now)
        return Rig(pipeline: pipeline, store: store, sent: sent)
    }

    private init(pipeline: Pipeline, store: SeriesStore, sent: Lock<[HTTPFetchRequest]>) {
        self.pipeline = pipeline
        self.store = store
        _ = sent
        requests = { sent.withLock { $0 } }
    }

    let requests: @Sendable () -> [HTTPFetchRequest]

    /// Decides and delivers all that is due at a moment.
    func advance(to now: Timestamp) async {
        await pipeline.step(at: now)
        while true {
            let jobs = await pipeline.takeDue(at: now)
            guard !jobs.isEmpty else { break }
            for job in jobs { await pipeline.attempt(job) { now } }
        }
        await pipeline.save()
    }

    /// What a request told: the status and the names of the alerts.
    func told(_ index: Int) throws -> String {
        let all = requests()
        try #require(all.indices.contains(index), "only \(all.count) requests were sent")
        let body = try JSONValue.parse(all[index].body ?? [])
        let names = (body["alerts"]?.array ?? []).map { alert in
            "\(alert["labels"]?["alertname"]?.string ?? "?") \(alert["status"]?.string ?? "?")"
        }
        return names.joined(separator: ", ")
    }

    func deliveryID(_ index: Int) throws -> String {
        let body = try JSONValue.parse(requests()[index].body ?? [])
        return try #require(body["nightjar"]?["delivery_id"]?.string)
    }
}

/// Options with one webhook.
func webhookOptions(
    _ url: String = "http://127.0.0.1:1/hook",
    others: [Receiver] = [],
    route: Route? = nil,
    inhibitRules: [InhibitRule] = []
) -> NotifyOptions {
    let hook = WebhookOptions(url: Credential(Secret(url)))
    return NotifyOptions(
        route: route ?? Route(receiver: "team", groupBy: ["service"]),
        receivers: [Receiver(name: "team", webhookConfigs: [hook])] + others,
        inhibitRules: inhibitRules,
        externalURL: "https://nightjar.example.com"
    )
}

@Suite struct PipelineTests {
    @Test func `an alert is told once, repeated after four hours, and its end is told`()
        async throws
    {
        let rig = try await Rig.open(webhookOptions())
        await rig.pipeline.receive([alert("A")], now: at(0))
        await rig.advance(to: at(29))
        #expect(rig.requests().isEmpty)
        await rig.advance(to: at(30))
        await rig.advance(to: at(330))
        #expect(rig.requests().count == 1)
        #expect(try rig.told(0) == "A firing")
        await rig.advance(to: at(14_430))
        #expect(try rig.told(1) == "A firing")
        await rig.pipeline.receive([alert("A", to: 14_500)], now: at(14_500))
        await rig.advance(to: at(15_000))
        #expect(try rig.told(2) == "A resolved")
        await rig.advance(to: at(40_000))
        #expect(rig.requests().count == 3)
        #expect(await rig.pipeline.groupViews(at: at(40_000)).isEmpty)
    }

    @Test func `alerts of a group share a message`() async throws {
        let rig = try await Rig.open(webhookOptions())
        let (a, b) = (alert("A", labels: ["service": "x"]), alert("B", labels: ["service": "x"]))
        await rig.pipeline.receive([a, b, alert("C", labels: ["service": "y"])], now: at(0))
        await rig.advance(to: at(30))
        let told = try [rig.told(0), rig.told(1)].sorted()
        #expect(told == ["A firing, B firing", "C firing"])
    }

    @Test func `an alert shorter than the wait is not told`() async throws {
        let rig = try await Rig.open(webhookOptions())
        await rig.pipeline.receive([alert("A")], now: at(0))
        await rig.pipeline.receive([alert("A", to: 10)], now: at(10))
        await rig.advance(to: at(30))
        #expect(rig.requests().isEmpty)
    }

    @Test func `a restart tells nobody twice, and an end that came meanwhile is told`() async throws
    {
        let directory = TemporaryDirectory()
        do {
            let rig = try await Rig.open(webhookOptions(), path: directory.path)
            await rig.pipeline.receive([alert("A")], now: at(0))
            await rig.advance(to: at(30))
            #expect(try rig.told(0) == "A firing")
            await rig.store.close()
        }
        let rig = try await Rig.open(webhookOptions(), path: directory.path, now: at(60))
        await rig.pipeline.receive([alert("A", updated: 60)], now: at(60))
        await rig.advance(to: at(400))
        #expect(rig.requests().isEmpty)
        await rig.pipeline.receive([alert("A", to: 500)], now: at(500))
        await rig.advance(to: at(1_000))
        #expect(try rig.told(0) == "A resolved")
    }

    @Test func `a beginning behind an end takes nobody's place, and all goes when the way is free`()
        async throws
    {
        let isDown = Lock(true)
        let rig = try await Rig.open(webhookOptions()) { _ in
            Answer(status: isDown.withLock { $0 } ? 503 : 200, body: [])
        }
        await rig.pipeline.receive([alert("A")], now: at(0))
        for second in [30, 60, 100, 200] as [Int64] { await rig.advance(to: at(second)) }
        await rig.pipeline.receive([alert("A", to: 210)], now: at(210))
        await rig.advance(to: at(330))
        await rig.pipeline.receive([alert("A", from: 400, updated: 400)], now: at(400))
        await rig.advance(to: at(700))
        #expect(await rig.pipeline.outboxCount == 3)
        isDown.withLock { $0 = false }
        let failed = rig.requests().count
        // The first that goes through takes the others with it, whatever they had to wait.
        await rig.advance(to: at(800))
        #expect(rig.requests().count == failed + 3)
        #expect(try rig.told(failed) == "A firing")
        #expect(try rig.told(failed + 1) == "A resolved")
        #expect(try rig.told(failed + 2) == "A firing")
    }

    @Test func `time in which the machine was suspended ends no alert`() async throws {
        let rig = try await Rig.open(webhookOptions())
        var renewed = alert("A")
        renewed.expiresAt = at(240)
        await rig.pipeline.receive([renewed], now: at(0))
        await rig.advance(to: at(30))
        await rig.pipeline.excuse(.seconds(600))
        await rig.advance(to: at(700))
        #expect(rig.requests().count == 1)
        await rig.advance(to: at(1_200))
        #expect(try rig.told(1) == "A resolved")
    }

    @Test func `an alert that was renewed before the clock was set holds from its arrival on`()
        async throws
    {
        let rig = try await Rig.open(webhookOptions())
        var renewed = alert("A")
        renewed.expiresAt = at(240)
        await rig.pipeline.receive([renewed], now: at(0))
        await rig.advance(to: at(30))
        renewed.updatedAt = at(60)
        renewed.expiresAt = at(300)
        await rig.pipeline.receive([renewed], now: at(5_000))
        await rig.advance(to: at(5_200))
        #expect(rig.requests().count == 1)
        await rig.advance(to: at(5_600))
        #expect(try rig.told(1) == "A resolved")
    }

    @Test func `a clock set back while the daemon was away hides no end`() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("data")
        do {
            let first = try await Rig.open(webhookOptions(), path: path, now: at(9_000))
            await first.pipeline.receive([alert("A", from: 9_000)], now: at(9_000))
            await first.advance(to: at(9_030))
            #expect(first.requests().count == 1)
            await first.store.close()
        }
        let second = try await Rig.open(webhookOptions(), path: path, now: at(100))
        await second.pipeline.receive([alert("A", from: 9_000, to: 115)], now: at(115))
        await second.advance(to: at(500))
        #expect(try second.told(0) == "A resolved")
    }

    @Test func `what could not be delivered before a restart is delivered after it`() async throws {
        let directory = TemporaryDirectory()
        var before = ""
        do {
            let rig = try await Rig.open(webhookOptions(), path: directory.path) { _ in
                Answer(status: 503, body: [])
            }
            await rig.pipeline.receive([alert("A")], now: at(0))
            await rig.advance(to: at(30))
            before = try rig.deliveryID(0)
            #expect(await rig.pipeline.outboxCount == 1)
            await rig.store.close()
        }
        let rig = try await Rig.open(webhookOptions(), path: directory.path, now: at(60))
        await rig.advance(to: at(60))
        #expect(try rig.told(0) == "A firing")
        #expect(try rig.deliveryID(0) == before)
        let attempt = try #require(await rig.pipeline.notifications.first)
        #expect((attempt.attempt, attempt.outcome) == (2, .delivered))
        #expect(await rig.pipeline.outboxCount == 0)
    }

    @Test func `500, 503, 429 and then 200 is one delivery with one id`() async throws {
        let statuses = [500, 503, 429, 200]
        let rig = try await Rig.open(webhookOptions()) { number in
            Answer(
                status: statuses[min(number, 3)],
                retryAfter: number == 2 ? .seconds(90) : nil,
                body: []
            )
        }
        await rig.pipeline.receive([alert("A")], now: at(0))
        await rig.advance(to: at(30))
        await rig.advance(to: at(32))
        await rig.advance(to: at(35))
        #expect(rig.requests().count == 3)
        await rig.advance(to: at(124))
        #expect(rig.requests().count == 3)
        await rig.advance(to: at(125))
        #expect(rig.requests().count == 4)
        #expect(try Set((0..<4).map { try rig.deliveryID($0) }).count == 1)
        let outcomes = await rig.pipeline.notifications.map(\.outcome)
        #expect(outcomes == [.delivered, .retrying, .retrying, .retrying])
    }

    @Test func `400 is terminal, and the next change is told all the same`() async throws {
        let rig = try await Rig.open(webhookOptions()) {
            Answer(status: $0 == 0 ? 400 : 200, body: [])
        }
        await rig.pipeline.receive([alert("A")], now: at(0))
        await rig.advance(to: at(30))
        #expect(await rig.pipeline.outboxCount == 0)
        #expect(await rig.pipeline.notifications.first?.outcome == .failed)
        #expect(await rig.pipeline.notifications.first?.statusCode == 400)
        await rig.pipeline.receive([alert("B", from: 60)], now: at(60))
        await rig.advance(to: at(330))
        #expect(try rig.told(1) == "A firing, B firing")
    }

    @Test func `a beginning that nobody heard of is told before its end`() async throws {
        let rig = try await Rig.open(webhookOptions()) {
            Answer(status: $0 < 4 ? 503 : 200, body: [])
        }
        await rig.pipeline.receive([alert("A")], now: at(0))
        for time in [30, 32, 36, 50] as [Int64] { await rig.advance(to: at(time)) }
        await rig.pipeline.receive([alert("A", to: 60)], now: at(60))
        await rig.advance(to: at(330))
        #expect(try rig.told(rig.requests().count - 2) == "A firing")
        #expect(try rig.told(rig.requests().count - 1) == "A resolved")
    }

    @Test func `a newer state of the group takes the place of a waiting one`() async throws {
        let rig = try await Rig.open(webhookOptions()) { number in
            number == 0
                ? Answer(status: 429, retryAfter: .seconds(600), body: [])
                : Answer(status: 200, body: [])
        }
        await rig.pipeline.receive([alert("A")], now: at(0))
        await rig.advance(to: at(30))
        await rig.pipeline.receive([alert("B", from: 60)], now: at(60))
        await rig.advance(to: at(330))
        #expect(await rig.pipeline.outboxCount == 1)
        #expect(await rig.pipeline.notifications.first?.outcome == .coalesced)
        await rig.advance(to: at(640))
        #expect(rig.requests().count == 2)
        #expect(try rig.told(1) == "A firing, B firing")
    }

    @Test func `a silence mutes, outlives a restart, and does not hide the end`() async throws {
        let directory = TemporaryDirectory()
        let silence = Silence(
            id: "11111111-2222-3333-4444-555555555555",
            matchers: [Matcher("alertname", equals: "A")],
            startsAt: at(40),
            endsAt: at(100_000),
            updatedAt: at(40),
            createdBy: "ann",
            comment: "known"
        )
        do {
            let rig = try await Rig.open(webhookOptions(), path: directory.path)
            await rig.pipeline.receive([alert("A")], now: at(0))
            await rig.advance(to: at(30))
            try await rig.pipeline.set(silence)
            await rig.store.close()
        }
        let rig = try await Rig.open(webhookOptions(), path: directory.path, now: at(60))
        #expect(await rig.pipeline.silences == [silence])
        #expect(await rig.pipeline.alertViews(at: at(60)).first?.silencedBy == [silence.id])
        await rig.advance(to: at(20_000))
        #expect(rig.requests().isEmpty)
        await rig.pipeline.receive([alert("A", to: 20_100)], now: at(20_100))
        await rig.advance(to: at(21_000))
        #expect(try rig.told(0) == "A resolved")
    }

    @Test func `a firing source mutes its targets, whichever came first`() async throws {
        let rule = InhibitRule(
            sourceMatchers: [Matcher("severity", equals: "critical")],
            targetMatchers: [Matcher("severity", equals: "warning")],
            equal: ["service"]
        )
        let rig = try await Rig.open(webhookOptions(inhibitRules: [rule]))
        let target = alert("Slow", labels: ["severity": "warning", "service": "x"])
        let source = alert("Down", labels: ["severity": "critical", "service": "x"])
        await rig.pipeline.receive([target], now: at(3_600))
        await rig.pipeline.receive([source], now: at(3_601))
        await rig.advance(to: at(3_640))
        #expect(rig.requests().count == 1)
        #expect(try rig.told(0) == "Down firing")
        let views = await rig.pipeline.alertViews(at: at(3_640))
        #expect(views.first { $0.alert.name == "Slow" }?.inhibitedBy == [source.fingerprintText])
    }

    @Test func `a time interval mutes, and its end tells`() async throws {
        var options = webhookOptions()
        options.timeIntervals = [
            NamedInterval(name: "night", specs: [IntervalSpec(minutes: [0..<60])])
        ]
        options.route.routes = [
            Route(matchers: [Matcher("alertname", equals: "A")], muteTimeIntervals: ["night"])
        ]
        let rig = try await Rig.open(options)
        await rig.pipeline.receive([alert("A")], now: at(0))
        await rig.advance(to: at(3_300))
        #expect(rig.requests().isEmpty)
        #expect(await rig.pipeline.alertViews(at: at(60)).first?.mutedBy == ["night"])
        await rig.advance(to: at(3_600))
        #expect(try rig.told(0) == "A firing")
    }

    @Test func `a reload that moves a route tells nobody twice`() async throws {
        let rig = try await Rig.open(webhookOptions())
        await rig.pipeline.receive([alert("A")], now: at(0))
        await rig.advance(to: at(30))
        let moved = Route(
            receiver: "nobody",
            routes: [
                Route(
                    matchers: [Matcher("alertname", equals: "A")],
                    routes: [Route(receiver: "team", groupBy: ["service"])]
                )
            ]
        )
        await rig.pipeline.update(webhookOptions(route: moved), now: at(60))
        await rig.advance(to: at(900))
        #expect(rig.requests().count == 1)
    }

    @Test func `texts are templates, and one that fails gives our own text`() async throws {
        var slack = SlackOptions()
        slack.apiURL = Credential(Secret("http://127.0.0.1:1/hook"))
        slack.title =
            "{{ .Status | toUpper }} {{ .CommonLabels.alertname }} {{ len .Alerts.Firing }}"
        slack.pretext = "{{ .Nothing.Here }}"
        var options = webhookOptions()
        options.receivers = [Receiver(name: "team", slackConfigs: [slack])]
        let rig = try await Rig.open(options)
        await rig.pipeline.receive([alert("A")], now: at(0))
        await rig.advance(to: at(30))
        let body = try JSONValue.parse(rig.requests().first?.body ?? [])
        #expect(body["attachments"]?[0]?["title"]?.string == "FIRING A 1")
        #expect(body["attachments"]?[0]?["pretext"] == nil)
    }
}
