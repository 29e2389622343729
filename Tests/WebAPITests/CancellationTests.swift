// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Glibc
internal import HTTPServer
internal import PromQLEngine
internal import Samples
internal import Storage
internal import Telemetry
internal import TestSupport
internal import Testing
internal import WebAPI

/// Queries through a real server and the real engine.
@Suite(.timeLimit(.minutes(2)))
struct CancellationTests {
    /// Hours of a thousand series, whose medians over an hour take minutes at 10,000 steps.
    private func fixture() async throws -> WebAPIFixture {
        var fixture = try await WebAPIFixture()
        let store = fixture.context.store
        let now = WebAPIFixture.now
        let times = ContiguousArray((0..<720).map { now.milliseconds - 10_000 * Int64(720 - $0) })
        let series = (0..<1_000).map { number in
            SeriesSamples(
                labels: ["__name__": "m", "n": "\(number)"],
                times: times,
                values: ContiguousArray(times.map { Double($0 % 7_919) })
            )
        }
        store.append(series, at: now)
        let engine = QueryEngine(store: store, telemetry: fixture.context.telemetry)
        fixture.context.queries = QueryPort(engine)
        return fixture
    }

    private static let slow =
        "/api/v1/query_range?query=quantile_over_time(0.5,m%5B1h%5D)"
        + "&start=1699999000&end=1700000000&step=0.1"

    /// The first value of one of our own metrics whose labels contain a pair.
    private func value(_ fixture: WebAPIFixture, _ name: String, code: String) -> Double {
        let family = fixture.context.telemetry.collect().first { $0.name == name }
        return family?.samples.first { code.isEmpty || $0.labels["code"] == code }?.value ?? 0
    }

    /// Waits for a condition that comes soon or, where something is broken, in minutes.
    private func soon(_ condition: () -> Bool) async throws -> Bool {
        for _ in 0..<800 {
            if condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    /// How the same query is sent by curl; the first part is the address.
    private static let ways = [
        [slow], ["/api/v1/query_range", "-d", slow.replacing("/api/v1/query_range?", with: "")],
    ]

    @Test(arguments: ways)
    func `a client that goes away cancels its query`(_ way: [String]) async throws {
        let fixture = try await fixture()
        let routes = Routes(fixture.context)
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { try await routes.answer($0) }
        let address = "http://127.0.0.1:\(server.port)\(way[0])"
        let client = try ServerProcess(["curl", "-s", address] + way.dropFirst())
        #expect(try await soon { value(fixture, "nightjar_queries_total", code: "") == 1 })
        client.send(signal: SIGKILL)
        client.stop()
        let isCancelled = try await soon {
            value(fixture, "nightjar_http_requests_total", code: "499") == 1
        }
        #expect(isCancelled, "the query goes on without its client")
        await server.stop(grace: .zero)
    }

    @Test func `a query's own timeout ends it with 503`() async throws {
        let fixture = try await fixture()
        let answer = try await fixture.answer(Self.slow + "&timeout=50ms")
        #expect(answer.status == 503)
        #expect(
            answer.text == #"{"status":"error","errorType":"timeout","#
                + #""error":"query timed out in expression evaluation"}"#
        )
    }

    @Test func `statistics come from the engine where they are asked for`() async throws {
        let fixture = try await fixture()
        let target = "/api/v1/query?query=sum(m)&time=1699999995&stats=all&lookback_delta=10s"
        let text = try await fixture.answer(target).text
        #expect(text.contains(#""totalQueryableSamplesPerStep":[[1699999995,1000]]"#))
        #expect(text.contains(#""totalQueryableSamples":1000"#))
        let none = try await fixture.answer("/api/v1/query?query=sum(m)&time=1699999995").text
        #expect(!none.contains("stats"))
        let old = "/api/v1/query?query=sum(m)&time=1700000000&lookback_delta=5s"
        #expect(try await fixture.answer(old).text.contains(#""result":[]"#))
    }
}
