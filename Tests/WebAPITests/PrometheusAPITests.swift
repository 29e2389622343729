// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import Samples
internal import SourceText
internal import Testing
internal import WebAPI

struct PrometheusAPITests {
    @Test(arguments: ["GET", "POST"])
    func `an instant query takes its parameters from the query or a form`(
        _ method: String
    ) async throws {
        let fixture = try await WebAPIFixture()
        let form = "query=up&time=1.5"
        let answer = try await fixture.answer(
            method == "GET" ? "/api/v1/query?\(form)" : "/api/v1/query",
            method: method,
            body: method == "POST" ? form : ""
        )
        #expect(answer.status == 200)
        #expect(answer.contentType == "application/json")
        #expect(
            answer.text == #"{"status":"success","data":{"resultType":"vector","result":["#
                + #"{"metric":{"__name__":"up"},"value":[1.500,"NaN"]}]}}"#
        )
    }

    @Test func `a range query gives a matrix with its warnings`() async throws {
        let fixture = try await WebAPIFixture()
        let answer = try await fixture.answer(
            "/api/v1/query_range?query=up&start=2023-11-14T22:13:20Z&end=1700000060&step=15s"
        )
        #expect(
            answer.text == #"{"status":"success","data":{"resultType":"matrix","result":["#
                + #"{"metric":{"a":"b"},"values":[[1700000000,"1"],[1700000060,"+Inf"]]}]},"#
                + #""warnings":["careful"]}"#
        )
    }

    @Test(arguments: [
        ("query?query=up%20%2B", 400, "invalid parameter \\\"query\\\": 1:5: parse error: "),
        ("query?query=up&time=x", 400, "cannot parse \\\"x\\\" to a valid timestamp"),
        ("query_range?query=up&start=2&end=1&step=1", 400, "end timestamp must not be before"),
        ("query_range?query=up&start=1&end=2&step=0", 400, "zero or negative query resolution"),
        ("query_range?query=up&start=0&end=11001&step=1", 400, "exceeded maximum resolution"),
        ("query_range?query=up[1m]&start=1&end=2&step=1", 400, "invalid expression type"),
        ("query_range?query=up&end=2&step=1", 400, "cannot parse \\\"\\\" to a valid timestamp"),
        ("series", 400, "no match[] parameter provided"),
        ("labels?limit=-1", 400, "limit must be a non-negative number"),
        ("rules?type=x", 400, "not supported value"),
    ])
    func `a wrong parameter is bad_data in Prometheus' words`(
        _ target: String,
        _ status: Int,
        _ words: String
    ) async throws {
        let answer = try await WebAPIFixture().answer("/api/v1/" + target)
        #expect(answer.status == status)
        #expect(answer.text.hasPrefix(#"{"status":"error","errorType":"bad_data","error":""#))
        #expect(answer.text.contains(words))
    }

    @Test(arguments: [
        (APIError.Kind.execution, 422, "execution"), (.timeout, 503, "timeout"),
        (.canceled, 503, "canceled"), (.internal, 500, "internal"),
    ])
    func `an error of the evaluation has its type and status`(
        _ kind: APIError.Kind,
        _ status: Int,
        _ word: String
    ) async throws {
        var fixture = try await WebAPIFixture()
        fixture.context.queries.instant = { _, _ in throw APIError(kind, "why") }
        let answer = try await fixture.answer("/api/v1/query?query=up")
        #expect(answer.status == status)
        #expect(answer.text == #"{"status":"error","errorType":"\#(word)","error":"why"}"#)
    }

    @Test(arguments: [
        ("labels", #"["__name__","server"]"#),
        ("label/server/values", #"["cache"]"#),
        ("label/U__server/values", #"["cache"]"#),
        ("label/none/values", "[]"),
        ("label/__name__/values?match[]=redis_connected_clients", #"["redis_connected_clients"]"#),
        (
            "series?match[]=%7Bserver=%22cache%22%7D",
            #"[{"__name__":"redis_connected_clients","server":"cache"}]"#
        ),
        ("series?match[]=nothing", "[]"),
        (
            "metadata",
            #"{"redis_connected_clients":[{"type":"gauge","help":"Clients.","unit":""}]}"#
        ),
        ("query_exemplars?query=test&start=0&end=1", "[]"),
        ("format_query?query=up%2B1", #""up + 1""#),
        ("status/flags", "{}"),
    ])
    func `metadata has Prometheus' shapes`(_ target: String, _ data: String) async throws {
        let answer = try await WebAPIFixture().answer("/api/v1/" + target)
        #expect(answer.text == #"{"status":"success","data":"# + data + "}")
    }

    @Test func `rules carry their state and alerts`() async throws {
        let answer = try await WebAPIFixture().answer("/api/v1/rules?type=alert")
        #expect(
            answer.text == #"{"status":"success","data":{"groups":[{"name":"pools","#
                + #""file":"rules/pools.rules.yml","rules":[{"state":"firing","name":"PoolExhausted","#
                + #""query":"pool:use > 0.9","duration":120,"keepFiringFor":0,"#
                + #""labels":{"severity":"critical"},"annotations":{},"alerts":[{"labels":"#
                + #"{"alertname":"PoolExhausted","service":"auth"},"annotations":"#
                + #"{"summary":"Pool of <auth> is full"},"state":"firing","#
                + #""activeAt":"2023-11-14T22:11:10Z","value":"9.375e-01"}],"health":"ok","#
                + #""evaluationTime":0,"lastEvaluation":"2023-11-14T22:13:20Z","type":"alerting"}],"#
                + #""interval":15,"limit":0,"evaluationTime":0.002,"#
                + #""lastEvaluation":"2023-11-14T22:13:20Z"}]}}"#
        )
    }

    @Test func `alerts and targets can be read as JSON`() async throws {
        let fixture = try await WebAPIFixture()
        let alerts = try await fixture.answer("/api/v1/alerts").text
        #expect(alerts.contains(#""alerts":[{"labels":{"alertname":"PoolExhausted""#))
        let targets = try await fixture.answer("/api/v1/targets").text
        #expect(targets.contains(#""lastError":"log in to main: password <wrong>""#))
        #expect(targets.contains(#""health":"up","scrapeInterval":"15s","scrapeTimeout":"5s""#))
    }

    @Test func `the build information has no features`() async throws {
        let answer = try await WebAPIFixture().answer("/api/v1/status/buildinfo")
        #expect(answer.text.contains(#""version":"3.0.0","revision":"abc""#))
        #expect(!answer.text.contains("features"))
    }

    @Test func `a federated page has the latest sample with its time`() async throws {
        let answer = try await WebAPIFixture().answer(
            "/federate?match[]=%7Bserver=%22cache%22%7D&match[]=redis_connected_clients"
        )
        #expect(
            answer.text == """
                # TYPE redis_connected_clients untyped
                redis_connected_clients{server="cache"} 7 1700000000000

                """
        )
    }
}
