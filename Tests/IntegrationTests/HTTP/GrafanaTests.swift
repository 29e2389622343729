// SPDX-License-Identifier: Apache-2.0
// Nightjar
import HTTPFetch
import HTTPServer
import SourceText
import Testing
import WebAPI

/// What Grafana's Prometheus data source asks, in its order and its forms, compressed.
struct GrafanaTests {
    /// A path with its parameters, which are a form where it is a POST, and what the data must be.
    private struct Step {
        let path: String
        var form: String?
        let isRight: @Sendable (JSONValue) -> Bool

        init(
            _ path: String,
            form: String? = nil,
            _ isRight: @escaping @Sendable (JSONValue) -> Bool
        ) {
            self.path = path
            self.form = form
            self.isRight = isRight
        }
    }

    private static let window = "start=1700000000&end=1700000600"

    private static let steps = [
        // Save & test, and what it finds out about the server.
        Step("query", form: "query=1%2B1&time=4") { $0["result"]?[1]?.string == "2" },
        Step("status/buildinfo") { $0["features"] == nil && $0["version"]?.string != nil },
        Step("query_exemplars?query=test&start=1700000000000&end=1700000600000") {
            $0.array?.isEmpty == true
        },
        Step("rules") { $0["groups"]?[0]?["rules"]?[0]?["query"]?.string == "vector(1)" },
        // The metric explorer.
        Step("label/__name__/values?limit=40000&" + window) {
            $0.array?.contains(.string("requests_total")) == true
        },
        Step("metadata?limit_per_metric=1") {
            $0["scraped"]?[0]?["help"]?.string == "Of a target."
        },
        // The label browser, and variables.
        Step("labels", form: "match[]=requests_total&limit=40000&" + window) {
            $0.array == [.string("__name__"), .string("job")]
        },
        Step("label/job/values?match[]=requests_total&" + window) { $0.array?.count == 2 },
        Step("series", form: "match[]=requests_total&" + window) { $0.array?.count == 2 },
        Step("series?match[]=%7B__name__%3D%22requests_total%22%7D&limit=1&" + window) {
            $0.array?.count == 1
        },
        // A panel, an instant panel, and an annotation.
        Step(
            "query_range",
            form:
                "query=rate(requests_total%5B1m%5D)&step=15&timeout=60s&start=1700000100&end=1700000400"
        ) { $0["result"]?[1]?["values"]?.array?.count == 21 },
        Step("query", form: "query=requests_total&time=1700000101.5") {
            $0["result"]?[0]?["value"]?[0]?.number == 1_700_000_101.5
        },
        Step(
            "query_range?query=requests_total%20%3E%205&start=1700000040&end=1700000580&step=60"
        ) { $0["resultType"]?.string == "matrix" },
        Step("alerts") { $0["alerts"]?[0]?["state"]?.string == "firing" },
    ]

    @Test func `a data source is added, explored and drawn`() async throws {
        let routes = Routes(try await PrometheusComparisonTests.context())
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { try await routes.answer($0) }
        let client = HTTPClient()
        for step in Self.steps {
            var request = HTTPFetchRequest(
                url: "http://127.0.0.1:\(server.port)/api/v1/\(step.path)"
            )
            request.acceptsCompression = true
            if let form = step.form {
                request.method = "POST"
                request.body = Array(form.utf8)
                let kind = "application/x-www-form-urlencoded"
                request.headers = [HTTPHeader("Content-Type", kind)]
            }
            let answer = try await client.send(request, before: .now + .seconds(30))
            let body = try JSONValue.parse(answer.body)
            #expect(answer.status == 200, "\(step.path)")
            #expect(body["status"]?.string == "success", "\(step.path)")
            #expect(body["data"].map(step.isRight) == true, "\(step.path): \(answer.text)")
        }
        await server.stop(grace: .zero)
    }
}
