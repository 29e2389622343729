// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Alerts
import CivilTime
import EventIO
import HTTPFetch
import Samples
import Secrets
import SourceText
import TestSupport
import Testing

@testable import Notify

/// A message as a rule of the pack would make it.
func sampleMessage(count: Int = 1, resolved: Bool = false, filler: String = "") -> Message {
    let alerts = (0..<count).map { index in
        var made = alert(
            "DatabaseConnectionPoolExhausted",
            from: 120,
            to: resolved ? 620 : nil,
            labels: ["service": "auth-service-\(index)", "severity": "critical", "server": "main"],
            annotations: [
                "summary": "Pool of auth-service is <full> & waiting \(filler)",
                "description": "15 of 16 connections are taken \(filler)",
                "impact": "Logins fail; reading goes on \(filler)",
                "first_step": "Look who blocks on main; do not restart it \(filler)",
                "runbook_url": "https://runbooks.example.com/pool",
            ]
        )
        made.activeAt = at(0)
        made.value = 0.9375
        made.firstValue = 0.91
        made.expression = "db_pool_utilization_ratio > 0.9"
        made.generatorURL = "https://nightjar.example.com/graph?g0.expr=x"
        return made
    }
    return Message(
        deliveryID: "msg_1",
        receiver: "team",
        groupKey: "{}:{}",
        stableKey: "team//:{}",
        groupLabels: ["service": "auth-service-0"],
        alerts: alerts,
        reason: resolved ? .allResolved : .first,
        createdAt: at(700)
    )
}

let externalURL = "https://nightjar.example.com"

/// Why the schemas cannot be asked; nil where they can.
let schemaCheck: String? = conformanceFolder("schemas").flatMap { folder in
    let probe = try? ServerProcess.run(["python3", "-c", "import jsonschema"])
    return probe == 0 ? folder + "/check" : nil
}

@Suite struct BodyTests {
    @Test func `a message of Slack says everything in the order of reading`() throws {
        let body = SlackOptions().body(sampleMessage(), externalURL: externalURL)
        #expect(
            body["text"]?.string
                == ":red_circle: [FIRING:1] Pool of auth-service is &lt;full&gt; &amp; waiting "
        )
        let text = try #require(
            body["attachments"]?[0]?["blocks"]?[0]?["text"]?["text"]?.string
        )
        #expect(
            text == """
                *Pool of auth-service is &lt;full&gt; &amp; waiting *
                *Where:* server=main service=auth-service-0
                *Since:* 1970-01-01 00:00:00 UTC (for 11m 40s)
                *Value:* 0.9375 now, 0.91 at the start, alerts at &gt; 0.9
                *Impact:* Logins fail; reading goes on 
                *Evidence:* 15 of 16 connections are taken 
                *First step:* Look who blocks on main; do not restart it 
                <https://runbooks.example.com/pool|Runbook> · \
                <https://nightjar.example.com/graph?g0.expr=x|Graph> · \
                <https://nightjar.example.com/#/silences/new?filter=%7Balertname%3D\
                %22DatabaseConnectionPoolExhausted%22%2Cserver%3D%22main%22%2Cservice%3D\
                %22auth-service-0%22%2Cseverity%3D%22critical%22%7D|Silence>
                """
        )
    }

    @Test(arguments: [(1, 0), (10, 200), (500, 50), (3, 20_000)])
    func `limits of the receivers are kept`(count: Int, filler: Int) throws {
        let message = sampleMessage(count: count, filler: String(repeating: "é", count: filler))
        let slack = SlackOptions().body(message, externalURL: externalURL)
        let blocks = slack["attachments"]?[0]?["blocks"]?.array ?? []
        #expect((1...50).contains(blocks.count))
        let sizes = blocks.map { $0["text"]?["text"]?.string?.unicodeScalars.count ?? 0 }
        #expect(sizes.allSatisfy { $0 <= 3_000 })
        #expect(sizes.reduce(0, +) <= 12_000)
        let duty = PagerDutyOptions(routingKey: Credential(Secret("k")))
        let event = duty.event(message, key: "k", externalURL: externalURL)
        #expect((event["payload"]?["summary"]?.string?.unicodeScalars.count ?? 0) <= 1_024)
        #expect(event.bytes.count < 512_000)
    }

    @Test func `an alert on a state shows no number`() {
        var state = alert("Open")
        state.expression = "circuit_breaker_state{state=\"open\"} == 1"
        state.value = 1
        #expect(AlertText(state, now: at(60), externalURL: "").value.isEmpty)
        state.expression = "sum(circuit_breaker_state) > 1"
        #expect(AlertText(state, now: at(60), externalURL: "").value.hasPrefix("1 now"))
    }

    @Test func `the end says how long it lasted`() throws {
        let body = SlackOptions().body(sampleMessage(resolved: true), externalURL: externalURL)
        let text = try #require(body["attachments"]?[0]?["blocks"]?[0]?["text"]?["text"]?.string)
        #expect(text.contains("ended 1970-01-01 00:10:20 UTC, lasted 10m 20s"))
        #expect(body["attachments"]?[0]?["color"]?.string == "good")
        #expect(body["text"]?.string?.contains("[RESOLVED]") == true)
    }

    @Test func `an event of PagerDuty names its severity, and its end has the same key`() {
        let duty = PagerDutyOptions(routingKey: Credential(Secret("k")))
        let begin = duty.event(sampleMessage(), key: "k", externalURL: externalURL)
        let end = duty.event(sampleMessage(resolved: true), key: "k", externalURL: externalURL)
        #expect(begin["event_action"]?.string == "trigger")
        #expect(end["event_action"]?.string == "resolve")
        #expect(begin["dedup_key"]?.string?.count == 64)
        #expect(begin["dedup_key"] == end["dedup_key"])
        #expect(begin["payload"]?["severity"]?.string == "critical")
        #expect(begin["payload"]?["timestamp"]?.string == "1970-01-01T00:00:00Z")
        #expect(severityWord("page") == "critical")
        #expect(severityWord("") == "error")
    }

    @Test func `the webhook's body is Alertmanager's, with the rest inside nightjar`() throws {
        let body = sampleMessage(count: 5).webhookBody(maxAlerts: 2, externalURL: externalURL)
        let keys = Set(try #require(body.members).map(\.key))
        let known: Set = [
            "version", "groupKey", "truncatedAlerts", "status", "receiver", "groupLabels",
            "commonLabels", "commonAnnotations", "externalURL", "alerts", "notification_reason",
            "nightjar",
        ]
        #expect(keys == known)
        #expect(body["truncatedAlerts"]?.number == 3)
        #expect(body["alerts"]?.array?.count == 2)
        #expect(body["alerts"]?[0]?["endsAt"]?.string == "0001-01-01T00:00:00Z")
        #expect(body["commonLabels"]?["server"]?.string == "main")
        #expect(body["commonLabels"]?["service"] == nil)
        #expect(try JSONValue.parse(body.bytes) == body)
    }

    @Test(.enabled(if: schemaCheck != nil, "the schemas or python3-jsonschema are not here"))
    func `bodies have the shape that the vendors' libraries declare`() throws {
        let check = try #require(schemaCheck)
        let directory = TemporaryDirectory()
        let duty = PagerDutyOptions(routingKey: Credential(Secret("k")))
        for (index, message) in [
            sampleMessage(), sampleMessage(count: 40), sampleMessage(resolved: true),
        ].enumerated() {
            let slack = SlackOptions().body(message, externalURL: externalURL)
            let event = duty.event(message, key: "k", externalURL: externalURL)
            for (schema, body) in [("slack-webhook", slack), ("pagerduty-event", event)] {
                let file = directory.file("\(schema)-\(index).json")
                try write(body.bytes, toFile: file)
                let log = directory.file("log")
                #expect(try ServerProcess.run(["python3", check, schema, file], logFile: log) == 0)
            }
        }
    }

    @Test func `answers of Slack are read, not only their status`() {
        func verdict(_ body: String) -> Verdict {
            SlackOptions().verdict(on: Answer(status: 200, body: Array(body.utf8)))
        }
        #expect(verdict("ok").event == .delivered)
        #expect(verdict(#"{"ok":false,"error":"ratelimited"}"#).reason == .rateLimited)
        #expect(verdict(#"{"ok":false,"error":"invalid_auth"}"#).reason == .auth)
        #expect(verdict(#"{"ok":false,"error":"channel_not_found"}"#).event == .refused)
    }

    @Test func `digests and base64 are the standards' own`() {
        #expect(
            hexadecimal(sha256(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        // RFC 4231, test case 2.
        #expect(
            hexadecimal(
                hmacSHA256(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
            ) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            #expect(bytes(base64: base64(Array(text.utf8))) == Array(text.utf8))
        }
        #expect(base64(Array("fooba".utf8)) == "Zm9vYmE=")
    }

    @Test func `a signed body carries Standard Webhooks' signature`() throws {
        var hook = WebhookOptions(url: Credential(Secret("http://127.0.0.1")))
        hook.signingSecret = Credential(Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let attempt = Attempt(unixSeconds: 1_614_265_330, externalURL: "")
        let request = try hook.request(sampleMessage(), attempt)
        let signature = request.headers.first { $0.name == "webhook-signature" }
        #expect(signature?.value.reveal().hasPrefix("v1,") == true)
        #expect(signature?.value.reveal().count == 47)
    }

    @Test func `the limit is the comparison at the end of an expression`() {
        #expect(limitText("a / b > 0.9") == "> 0.9")
        #expect(limitText("(sum(x) >= 1e3)") == ">= 1e3")
        #expect(limitText("lag{a=\"b or c\"} > 100\nand deriv(lag[10m]) > 0") == "> 100")
        #expect(limitText("a > 1 unless on (x) b > 2") == "> 1")
        #expect(limitText("a > 1 or b > 2") == nil)
        #expect(limitText("x > on() y") == nil)
        #expect(limitText("") == nil)
        #expect(lengthText(.seconds(90_061)) == "1d 1h")
        #expect(shortNumber(0.123456) == "0.1235")
        #expect(shortNumber(1_234_567) == "1234567")
    }
}

@Suite struct TimeIntervalTests {
    @Test(arguments: [
        ("2026-02-28T12:00:00Z", true), ("2026-02-27T12:00:00Z", false),
        ("2024-02-29T12:00:00Z", true), ("2024-02-28T12:00:00Z", false),
    ])
    func `days count back from the end of the month`(text: String, isInside: Bool) throws {
        let spec = IntervalSpec(daysOfMonth: [(-1, -1)])
        let moment = try #require(milliseconds(rfc3339: text))
        #expect(spec.contains(Timestamp(milliseconds: moment)) == isInside)
    }

    @Test func `the end of a range of minutes is outside`() {
        let spec = IntervalSpec(minutes: [60..<120])
        #expect(spec.contains(at(3_600)))
        #expect(!spec.contains(at(7_200)))
        #expect(IntervalSpec(minutes: [0..<1_440]).contains(at(86_399)))
    }

    @Test func `the clocks of the zone count`() throws {
        let zone = try #require(Zone(named: "Europe/Berlin"))
        let spec = IntervalSpec(minutes: [540..<600], weekdays: [4...4], zone: zone)
        // Thursday, 1 January 1970, 08:30 UTC.
        #expect(spec.contains(at(30_600)))
        #expect(!spec.contains(at(30_600 + 86_400)))
    }
}
