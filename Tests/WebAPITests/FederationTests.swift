// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import Samples
internal import Storage
internal import Testing
internal import WebAPI

struct FederationTests {
    private static let target = TargetID(kind: "scrape", name: "a")

    private func append(_ fixture: WebAPIFixture, _ values: [String: Double], ago seconds: Int64) {
        var family = MetricFamily(name: "m", kind: .counter, help: "M.")
        for (label, value) in values.sorted(by: { $0.key < $1.key }) {
            family.add(value, ["job": label])
        }
        let time = WebAPIFixture.now - .seconds(seconds)
        fixture.context.store.append(
            SampleBatch(time: time, families: [family]),
            from: Self.target
        )
    }

    private func page(_ fixture: WebAPIFixture, _ match: String...) async throws -> String {
        let query = match.map { "match[]=" + $0 }.joined(separator: "&")
        return try await fixture.answer("/federate?" + query).text
    }

    @Test func `a page has the latest samples with their times, each series once`() async throws {
        let fixture = try await WebAPIFixture()
        #expect(
            try await page(fixture, "%7Bserver=%22cache%22%7D", "redis_connected_clients") == """
                # TYPE redis_connected_clients untyped
                redis_connected_clients{server="cache",instance=""} 7 1700000000000

                """
        )
    }

    @Test func `metrics come sorted, with the external labels that a series lacks`() async throws {
        var fixture = try await WebAPIFixture()
        fixture.context.externalLabels = ["cluster": "c1", "job": "outer"]
        append(fixture, ["inner": 1], ago: 10)
        #expect(
            try await page(fixture, "%7B__name__=~%22.%2B%22%7D") == """
                # TYPE m untyped
                m{job="inner",cluster="c1",instance=""} 1 1699999990000
                # TYPE redis_connected_clients untyped
                redis_connected_clients{server="cache",cluster="c1",instance="",job="outer"} 7 \
                1700000000000

                """
        )
    }

    @Test func `a series that ended or is older than the lookback is left out`() async throws {
        let fixture = try await WebAPIFixture()
        append(fixture, ["a": 1, "b": 2], ago: 310)
        #expect(try await page(fixture, "m") == "")
        append(fixture, ["a": 3, "b": 4], ago: 20)
        append(fixture, ["a": 5], ago: 10)
        let text = try await page(fixture, "m")
        #expect(text == "# TYPE m untyped\nm{job=\"a\",instance=\"\"} 5 1699999990000\n")
    }

    @Test func `an append is seen by the next page of the same routes`() async throws {
        let fixture = try await WebAPIFixture()
        let routes = Routes(fixture.context)
        func page() async throws -> String {
            let answer = try await routes.answer(HTTPRequest(target: "/federate?match[]=m"))
            guard case .buffer(let buffer) = answer.body else { return "not shared" }
            return String(decoding: buffer.array, as: UTF8.self)
        }
        for value in 1...3 {
            append(fixture, ["a": Double(value)], ago: 10 - Int64(value))
            #expect(try await page().contains("} \(value) "))
            #expect(try await page().contains("} \(value) "))
        }
        append(fixture, ["a": 4, "b": 9], ago: 0)
        #expect(try await page().split(separator: "\n").count == 3)
    }

    @Test func `pages that nobody asks for are dropped and rendered again`() async throws {
        let fixture = try await WebAPIFixture()
        let routes = Routes(fixture.context)
        let targets = ["/metrics", "/federate?match[]=redis_connected_clients"]
        for later in [Duration.seconds(6), .seconds(700)] {
            for target in targets {
                let answer = try await routes.answer(HTTPRequest(target: target))
                guard case .buffer(let page) = answer.body else { continue }
                #expect(String(decoding: page.array, as: UTF8.self).contains("cache"))
            }
            #expect(!(await routes.tidy(now: .now)))
            #expect(await routes.tidy(now: .now + later))
        }
        #expect(!(await routes.tidy(now: .now + .seconds(700))))
    }

    @Test func `OpenMetrics is spoken where it is asked for`() async throws {
        let fixture = try await WebAPIFixture()
        let accept = HTTPField("Accept", "application/openmetrics-text;version=1.0.0")
        let answer = try await fixture.answer(
            "/federate?match[]=up&match[]=%7Bserver!=%22%22%7D",
            headers: [accept]
        )
        #expect(answer.contentType.hasPrefix("application/openmetrics-text"))
        #expect(
            answer.text == """
                # TYPE redis_connected_clients unknown
                redis_connected_clients{server="cache",instance=""} 7 1700000000
                # EOF

                """
        )
    }

    @Test func `without a selector nothing is shown and a broken one is refused`() async throws {
        let fixture = try await WebAPIFixture()
        let nothing = try await fixture.answer("/federate")
        #expect(nothing.status == 200)
        #expect(nothing.text == "")
        #expect(try await fixture.answer("/federate?match[]=%7B").status == 400)
    }
}
