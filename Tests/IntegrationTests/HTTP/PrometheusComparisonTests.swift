// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Alerts
import Collectors
import HTTPFetch
import HTTPServer
import PromQLEngine
import Samples
import SourceText
import Storage
import Telemetry
import TestSupport
import Testing
import WebAPI

/// The HTTP API beside that of the installed Prometheus, over the same samples.
@Suite(
    .enabled(if: PrometheusServer.isHere, "prometheus is not installed"),
    .timeLimit(.minutes(2))
)
struct PrometheusComparisonTests {
    private static let start: Int64 = 1_700_000_000

    private static let configuration = """
        global: {scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms}
        rule_files: [rules.yml]
        scrape_configs:
          - {job_name: self, static_configs: [{targets: ["127.0.0.1:PORT"]}]}
          - {job_name: down, static_configs: [{targets: ["127.0.0.1:1"], labels: {zone: a}}]}
        """

    private static let rules = """
        groups:
          - name: g
            rules:
              - {record: "a:b", expr: vector(1), labels: {x: "y"}}
              - {alert: Firing, expr: vector(1), labels: {severity: page}, annotations: {summary: s}}
        """

    /// Asked of both, answered alike in status, kind of content and every value.
    private static let equal = [
        "query?query=1%2B1&time=4", "query?query=%22text%22&time=1700000100",
        "query?query=up&time=1700000100", "query?query=-requests_total&time=1700000100.5",
        "query?query=requests_total%5B25s%5D&time=1700000101",
        "query?query=requests_total&time=2023-11-14T22:15:00Z",
        "query?query=requests_total&time=2023-11-14T23:15:00.25%2B01:00",
        "query?query=temperature&time=1700000095", "query?query=sum(temperature)&time=1700000095",
        "query?query=1/0&time=1", "query?query=-1/0&time=1.001", "query?query=0/0&time=-1.5",
        "query?query=1e-7&time=1", "query?query=1e21&time=1", "query?query=123456789.125&time=1",
        "query?query=sort_desc(rate(requests_total%5B1m%5D))&time=1700000101",
        "query?query=histogram_quantile(0.5,latency_bucket)&time=1700000101",
        "query?query=absent(nothing%7Ba=%22b%22%7D)&time=1",
        "query?query=label_replace(requests_total,%22n%22,%22%C3%A9%5C%22$1%22,%22job%22,%22(.*)%22)"
            + "&time=1700000101",
        "query?query=requests_total&time=1700000700", "query?query=nothing",
        "query?query=requests_total&time=1700000100&timeout=5s",
        "query", "query?query=up%20%2B", "query?query=foo(1)", "query?query=up&time=x",
        "query?query=up&time=2023-11-14", "query?query=up&timeout=x", "query?query=%7B%7D",
        "query_range?query=requests_total&start=1700000001&end=1700000101&step=20",
        "query_range?query=requests_total&start=1700000001.5&end=1700000101&step=0.75m",
        "query_range?query=temperature&start=1700000001&end=1700000101&step=33s",
        "query_range?query=sum%20by%20(job)(rate(requests_total%5B1m%5D))"
            + "&start=1700000001&end=1700000601&step=30",
        "query_range?query=3&start=1&end=2&step=0.5",
        "query_range?query=nothing&start=1&end=2&step=1",
        "query_range?query=requests_total&start=0&end=11000&step=1",
        "query_range?query=up&start=0&end=11001&step=1",
        "query_range?query=up%5B1m%5D&start=1&end=2&step=1",
        "query_range?query=%22a%22&start=1&end=2&step=1",

        "query_range?query=up&start=3&end=2&step=1", "query_range?query=up&start=1&end=2&step=0",
        "query_range?query=up&start=1&end=2&step=-1", "query_range?query=up&start=1&end=2&step=x",
        "query_range?query=up&start=1&end=2&step=1e300", "query_range?query=up&start=1&step=1",
        "query_range?query=up&end=1&step=1", "query_range?query=up&start=x&end=1&step=1",
        "query_range?query=up&start=1&end=2&step=1&timeout=-",
        "series?match[]=requests_total&start=1700000000&end=1700000600",
        "series?match[]=temperature&match[]=%7Bjob=%22a%22%7D&start=1700000000&end=1700000600",
        "series?match[]=nothing&start=1700000000&end=1700000600", "series", "series?match[]=%7B%7D",
        "series?match[]=%7B", "series?match[]=up&start=x",
        "labels?start=1700000000&end=1700000600",
        "labels?match[]=temperature&start=1700000000&end=1700000600", "labels?start=x",
        "labels?match[]=%7B%7D", "labels?match[]=%7B",
        "label/job/values?start=1700000000&end=1700000600",
        "label/__name__/values?match[]=%7Bjob=%22a%22%7D&start=1700000000&end=1700000600",
        "label/nothing/values?start=1700000000&end=1700000600", "label/job/values?match[]=%7B",
        "label/job/values?end=x", "format_query?query=sum(a)by(b)%2B1", "format_query?query=",
        "format_query?query=a%20%2B", "query_exemplars?query=requests_total&start=1&end=2",
        "query_exemplars?query=test&start=1700000000000&end=1700000060000",
        "query_exemplars?query=up%2B&start=1&end=2", "query_exemplars?query=up&start=3&end=2",
        "metadata?metric=nothing", "metadata?limit=x", "metadata?limit=0",

        "targets/metadata?metric=nothing",
        "targets/metadata?limit=x", "targets/metadata?match_target=%7B", "rules?type=x",
        "alertmanagers",
    ]

    /// Answered with the same status and type of error, in words of our own.
    private static let refused = [
        "query?query=label_replace(requests_total,%22%22,%22a%22,%22b%22,%22c%22)&time=1700000101",
        "query_range?query=up%5B&start=1&end=2&step=1", "series?match[]=%7Ba=~%22(%22%7D",
        "query?query=requests_total*on()latency_bucket&time=1700000101",
        "query?query=label_replace(requests_total,%22a%22,%22b%22,%22c%22,%22(%22)&time=1700000101",
    ]

    /// Whose values differ: whatever Prometheus tells must be here, of the same type.
    private static let alike = [
        "query?query=sum(requests_total)&time=1700000101&stats=all", "rules", "rules?type=alert",
        "rules?type=", "alerts", "targets", "targets?state=dropped", "targets/metadata",
        "targets/metadata?metric=scraped", "scrape_pools",
        "metadata?metric=scraped", "status/buildinfo", "status/config", "status/flags",
        "status/runtimeinfo", "status/tsdb", "status/walreplay",
    ]

    private static let originHeaders = [
        "access-control-allow-origin", "access-control-allow-methods",
        "access-control-allow-headers", "access-control-expose-headers",
    ]

    @Test func `the API answers as Prometheus does`() async throws {
        let client = HTTPClient()
        let prometheus = try PrometheusServer(
            samples: Self.page,
            configuration: Self.configuration,
            rules: Self.rules
        )
        try await prometheus.waitUntil("/api/v1/alerts", says: "firing", client)
        try await prometheus.waitUntil("/api/v1/targets", says: #""health":"up""#, client)
        let routes = Routes(try await Self.context())
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { try await routes.answer($0) }
        func ask(_ target: String, _ form: String? = nil) async throws -> (Reply, Reply) {
            let path = "/api/v1/" + target
            return (
                Reply(try await client.get("http://127.0.0.1:\(server.port)" + path, form: form)),
                Reply(try await client.get(prometheus.address + path, form: form))
            )
        }
        for target in Self.equal {
            let (ours, theirs) = try await ask(target)
            #expect(ours == theirs, "\(target)")
        }
        for target in Self.refused {
            let (ours, theirs) = try await ask(target)
            #expect(ours.status == theirs.status, "\(target)")
            #expect(ours.body["errorType"] == theirs.body["errorType"], "\(target)")
        }
        for target in Self.alike {
            let (ours, theirs) = try await ask(target)
            #expect(ours.status == theirs.status, "\(target)")
            #expect(differences(ours.body, theirs.body) == [], "\(target)")
        }
        for target in ["query", "query_range", "series", "labels", "query_exemplars"] {
            let form =
                "query=requests_total&match[]=requests_total&time=1700000101"
                + "&start=1700000001&end=1700000101&step=50"
            let (ours, theirs) = try await ask(target, form)
            #expect(ours == theirs, "POST \(target)")
        }
        for request in PrometheusRequests.all {
            let ours = Reply(try await client.ask("http://127.0.0.1:\(server.port)", request))
            let theirs = Reply(try await client.ask(prometheus.address, request))
            // Where a query was when its time was over is chance.
            let isEqual =
                ours.status == 503 && theirs.status == 503
                ? ours.body["errorType"] == theirs.body["errorType"] : ours == theirs
            #expect(isEqual, "\(request): \(ours) instead of \(theirs)")
        }
        for request in PrometheusRequests.methods {
            let ours = try await client.ask("http://127.0.0.1:\(server.port)", request)
            let theirs = try await client.ask(prometheus.address, request)
            #expect(ours.status == theirs.status, "\(request)")
            #expect((ours.header("allow") == nil) == (ours.status != 405), "\(request)")
            for name in Self.originHeaders where theirs.header(name) != nil {
                #expect(ours.header(name) == theirs.header(name), "\(request): \(name)")
            }
        }
        await server.stop(grace: .zero)
    }
}

extension HTTPClient {
    /// Sends a request of the API.
    fileprivate func ask(_ address: String, _ request: APIRequest) async throws -> HTTPFetchResponse
    {
        var sent = HTTPFetchRequest(url: address + "/api/v1/" + request.target)
        sent.method = request.method
        sent.headers = [HTTPHeader("Origin", "http://elsewhere.example")]
        if !request.body.isEmpty || request.method == "POST" {
            sent.body = Array(request.body.utf8)
            sent.headers.append(HTTPHeader("Content-Type", request.contentType))
        }
        return try await send(sent, before: .now + .seconds(30))
    }
}

/// What of an answer has to be the same.
private struct Reply: Equatable {
    let status: Int
    let kind: String
    let body: JSONValue

    init(_ response: HTTPFetchResponse) {
        status = response.status
        kind = response.header("content-type") ?? ""
        let parsed = try? JSONValue.parse(response.body)
        body = parsed.map(sorted) ?? .string("no JSON: " + response.text)
    }
}

/// A value with its members by name.
private func sorted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
        .object(
            members.map { JSONValue.Member(key: $0.key, value: sorted($0.value)) }
                .sorted { $0.key < $1.key }
        )
    case .array(let elements): .array(elements.map(sorted))
    default: value
    }
}

/// Where `theirs` has a member that `ours` lacks or that is of another type.
private func differences(_ ours: JSONValue, _ theirs: JSONValue, at path: String = "") -> [String] {
    switch (ours, theirs) {
    case (.object(let mine), .object(let members)):
        // Names that are data: labels, metrics, flags.
        let isFree =
            ["labels", "metric", "annotations", "discoveredLabels", "target"]
            .contains { path.hasSuffix($0) } || path.hasSuffix("/data") && mine.isEmpty
        return isFree
            ? []
            : members.flatMap { member -> [String] in
                guard let own = ours[member.key] else { return ["\(path)/\(member.key) lacks"] }
                return differences(own, member.value, at: "\(path)/\(member.key)")
            }
    case (.array(let mine), .array(let elements)):
        guard let own = mine.first, let element = elements.first else {
            return elements.isEmpty || !mine.isEmpty ? [] : ["\(path) is empty"]
        }
        return differences(own, element, at: path + "[]")
    case (.string, .string), (.number, .number), (.bool, .bool), (.null, .null): return []
    default: return ["\(path) is of another type"]
    }
}
