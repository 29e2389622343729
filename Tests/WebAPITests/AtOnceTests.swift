// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import PromQLEngine
internal import Samples
internal import Storage
internal import Telemetry
internal import Testing
internal import WebAPI

/// Short answers, which are made where the request came in.
@Suite struct AtOnceTests {
    /// An hour of a few series `few`, and of many series `many`.
    private func fixture() async throws -> WebAPIFixture {
        var fixture = try await WebAPIFixture()
        let now = WebAPIFixture.now
        let times = ContiguousArray((0..<360).map { now.milliseconds - 10_000 * Int64(359 - $0) })
        for (name, count) in [("few", 5), ("many", 200)] {
            let series = (0..<count).map { number in
                SeriesSamples(
                    labels: ["__name__": name, "n": "\(number)", "half": "\(number % 2)"],
                    times: times,
                    values: ContiguousArray(times.indices.map { Double($0 * (number + 1)) })
                )
            }
            fixture.context.store.append(series, at: now)
        }
        let engine = QueryEngine(store: fixture.context.store)
        fixture.context.queries = QueryPort(engine)
        return fixture
    }

    private func request(_ query: String, _ rest: String = "") -> HTTPRequest {
        let escaped = query.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return "%" + (byte < 16 ? "0" : "") + digits
        }
        return HTTPRequest(
            method: "GET",
            target: "/api/v1/query?query=" + escaped.joined() + rest,
            headers: [],
            remoteAddress: "127.0.0.1"
        )
    }

    private static let short = [
        "few", "sum by (half)(few)", "rate(few[5m])", "few offset 5m", "1 + 2", "none",
        "topk(2, few) * on(half) group_left sum by (half)(few)", "few[1m]", "timestamp(few)",
        "max_over_time(few[5m] @ 1699999900)", "absent(none)", "few{n=~\"[12]\"} > 1",
    ]

    @Test(arguments: short)
    func `a short query has the same answer at once`(_ query: String) async throws {
        let fixture = try await fixture()
        let routes = Routes(fixture.context)
        let ready = try #require(routes.atOnce(request(query)))
        let answer = try await routes.answer(request(query))
        guard case .bytes(let bytes) = ready.body, case .bytes(let others) = answer.body else {
            Issue.record("no bytes")
            return
        }
        #expect(bytes == others)
        #expect(ready.status == 200)
    }

    @Test(arguments: ["few", "few * on(half) few"])
    func `a query counts once, also where it fails at once`(_ query: String) async throws {
        var fixture = try await fixture()
        let telemetry = Registry()
        let engine = QueryEngine(store: fixture.context.store, telemetry: telemetry)
        fixture.context.queries = QueryPort(engine)
        let routes = Routes(fixture.context)
        if routes.atOnce(request(query)) == nil { _ = try await routes.answer(request(query)) }
        let family = telemetry.collect().first { $0.name == "nightjar_queries_total" }
        #expect(family?.samples.map(\.value) == [1])
    }

    private static let long = [
        "many", "few + many", "rate(few[1h])", "sum_over_time(few[5m:1m])", "{n=~\".+\"}",
        "few - few offset 5m", "few +", "few * on(half) few",
        Array(repeating: "few", count: 30).joined(separator: " + "),
    ]

    @Test(arguments: long)
    func `a query that may take longer, or fails, goes the long way`(_ query: String) async throws {
        let fixture = try await fixture()
        #expect(Routes(fixture.context).atOnce(request(query)) == nil)
    }

    @Test func `who may not ask is not answered at once`() async throws {
        var fixture = try await fixture()
        #expect(Routes(fixture.context).atOnce(request("few", "&limit=x")) == nil)
        #expect(Routes(fixture.context).atOnce(request("few")) != nil)
        fixture.context.authentication = HTTPAuthentication(hashes: [:])
        #expect(Routes(fixture.context).atOnce(request("few")) == nil)
    }
}
