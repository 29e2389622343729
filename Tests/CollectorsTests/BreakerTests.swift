// SPDX-License-Identifier: Apache-2.0
// Nightjar
import HTTPFetch
import Samples
import SourceText
import TestSupport
import Testing

@testable import Collectors

@Suite struct BreakerTests {
    private let client = HTTPClient()

    private func slot(_ seconds: Int64) -> PollSlot {
        PollSlot(time: Timestamp(milliseconds: seconds * 1_000), deadline: .now + .seconds(10))
    }

    private func value(_ outcome: PollOutcome, _ labels: LabelSet) -> Double? {
        outcome.families.flatMap(\.samples).first { $0.labels == labels }?.value
    }

    private let documents = """
        {"circuit_breakers": [{"healthy": true, "service": "auth-service", "state": "closed"},
        {"healthy": false, "service": "feed", "state": "half-open"}], "status": "healthy"}
        """

    @Test func `the documents' form is read behind a Host header, without it is a 404`() async {
        let text = documents
        let server = CannedServer { request in
            request.contains("\r\nHost: api.nova.local\r\n")
                ? .body(200, text) : .body(404, "not found")
        }
        var options = BreakerOptions(name: "gw", url: server.url + "/health/circuit-breakers")
        var source = BreakerSource(options, client: client)
        let missing = await source.poll(slot(0))
        #expect(missing.failure?.reason == .protocol)
        #expect(missing.failure?.message.contains("Host") == true)
        options.headers = [HTTPHeader("Host", "api.nova.local")]
        source = BreakerSource(options, client: client)
        let outcome = await source.poll(slot(0))
        #expect(outcome.failure == nil)
        let auth: LabelSet = ["endpoint": "gw", "service": "auth-service"]
        let state = auth.setting("__name__", to: "circuit_breaker_state")
        #expect(value(outcome, state.setting("state", to: "closed")) == 1)
        #expect(value(outcome, state.setting("state", to: "open")) == 0)
        #expect(value(outcome, auth.setting("__name__", to: "circuit_breaker_healthy")) == 1)
        let feed = state.setting("service", to: "feed")
        #expect(value(outcome, feed.setting("state", to: "half_open")) == 1)
    }

    @Test func `a 503 with a document is an answer, and one without is a failure`() async {
        let text = documents
        let server = CannedServer { $0.contains("GET /a") ? .body(503, text) : .body(503, "{}") }
        var good = BreakerSource(BreakerOptions(name: "g", url: server.url + "/a"), client: client)
        #expect(await good.poll(slot(0)).failure == nil)
        var bad = BreakerSource(BreakerOptions(name: "g", url: server.url + "/b"), client: client)
        #expect(await bad.poll(slot(0)).failure?.reason == .protocol)
    }

    @Test func `transitions and time in the state are counted from poll to poll`() {
        var history = BreakerHistory(endpoint: "e", absence: .seconds(60))
        func families(_ state: BreakerState?, _ second: Int64) -> PollOutcome {
            let readings = state.map { [BreakerReading(service: "s", state: $0)] } ?? []
            return .batch(history.take(readings, at: Timestamp(milliseconds: second * 1_000)))
        }
        let labels: LabelSet = ["endpoint": "e", "service": "s"]
        let opened: LabelSet = [
            "__name__": "circuit_breaker_transitions_total", "endpoint": "e", "service": "s",
            "from": "closed", "to": "open",
        ]
        let seconds = labels.setting("__name__", to: "circuit_breaker_state_seconds")
        #expect(value(families(.closed, 0), opened) == 0)
        #expect(value(families(.closed, 10), seconds) == 10)
        let open = families(.open, 15)
        #expect(value(open, opened) == 1)
        #expect(value(open, seconds) == 0)
        let state = labels.setting("__name__", to: "circuit_breaker_state")
        #expect(value(families(nil, 30), state.setting("state", to: "unknown")) == 1)
        #expect(families(nil, 100).families.isEmpty)
    }

    @Test func `a document of one's own is read by its mapping`() throws {
        let document = try JSONValue.parse(
            #"{"a":{"list":{"pay":{"s":"TRIPPED","n":4},"ship":{"s":"fine"}}}}"#
        )
        var mapping = BreakerMapping()
        mapping.list = "$.a.list"
        mapping.service = ""
        mapping.state = "s"
        mapping.failures = "n"
        mapping.states = ["TRIPPED": .open, "fine": .closed]
        let found = breakerReadings(in: document, format: .mapping, mapping: mapping)
        #expect(found?.map(\.service) == ["pay", "ship"])
        #expect(found?.map(\.state) == [.open, .closed])
        #expect(found?.first?.failures == 4)
    }

    @Test(
        .enabled(if: conformanceFolder("breakers") != nil, "../shared/conformance is absent"),
        arguments: [
            ("1-closed", BreakerState.closed), ("2-auth-open", .open),
            ("3-auth-half-open", .halfOpen), ("4-auth-closed-again", .closed),
        ]
    )
    func `recorded answers of all formats say the same`(
        _ name: String,
        _ state: BreakerState
    ) throws {
        let folder = try #require(conformanceFolder("breakers"))
        for file in [
            "resilience4j/\(name).documents.json", "resilience4j/\(name).health.json",
            "resilience4j/\(name).circuitbreakers.json", "opossum/\(name).status.json",
        ] {
            let document = try JSONValue.parse(bytesOfFile(folder + "/" + file))
            let found = breakerReadings(in: document, format: .auto, mapping: nil)
            #expect(found?.first { $0.service == "auth" }?.state == state, "\(file)")
            #expect(found?.first { $0.service == "media" }?.state == .closed, "\(file)")
        }
    }

    @Test(.enabled(if: conformanceFolder("breakers") != nil, "../shared/conformance is absent"))
    func `forced open, disabled and a health of 503 are read`() throws {
        let folder = try #require(conformanceFolder("breakers")) + "/resilience4j/"
        for kind in ["documents", "health", "circuitbreakers"] {
            let file = "\(folder)5-media-forced-open-feed-disabled.\(kind).json"
            let document = try JSONValue.parse(bytesOfFile(file))
            let found = breakerReadings(in: document, format: .auto, mapping: nil) ?? []
            #expect(found.first { $0.service == "media" }?.state == .forcedOpen)
            #expect(found.first { $0.service == "feed" }?.state == .disabled)
        }
        let down = try JSONValue.parse(
            bytesOfFile(folder + "6-auth-open-failing-health-503.health.json")
        )
        let auth = breakerReadings(in: down, format: .auto, mapping: nil)?
            .first { $0.service == "auth" }
        #expect(auth?.state == .open)
        #expect(auth?.failureRatio == 1)
    }

    @Test(arguments: [
        "{}", "[]", "{\"circuit_breakers\": 1}", "{\"status\":\"UP\"}", "{\"a\":{\"state\":1}}",
    ])
    func `other documents are not taken for breakers`(_ text: String) throws {
        #expect(breakerReadings(in: try JSONValue.parse(text), format: .auto, mapping: nil) == nil)
    }
}
