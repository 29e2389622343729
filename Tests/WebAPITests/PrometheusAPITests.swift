// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import PromQLEngine
internal import Samples
internal import SourceText
internal import Storage
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

    @Test func `of many annotations ten are told`() async throws {
        let fixture = try await WebAPIFixture()
        let answer = try await fixture.answer("/api/v1/query?query=noisy&time=1")
        let end = #""info 9","info 10","2 more info annotations omitted"]}"#
        #expect(answer.text.hasSuffix(end), "\(answer.text)")
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

    /// The words are those that Prometheus 2.42 and 3 answer with.
    @Test(arguments: [
        ("query", #"invalid parameter "query": 1:1: parse error: no expression found in input"#),
        (
            "query?query=up%20%2B",
            #"invalid parameter "query": 1:5: parse error: unexpected end of input"#
        ),
        (
            "query?query=up&time=x",
            #"invalid parameter "time": Invalid time value for 'time': "#
                + #"cannot parse "x" to a valid timestamp"#
        ),
        (
            "query?query=up&timeout=x",
            #"invalid parameter "timeout": cannot parse "x" to a valid duration"#
        ),
        (
            "query?query=up&lookback_delta=x",
            #"error parsing lookback delta duration: cannot parse "x" to a valid duration"#
        ),
        ("query?query=up&limit=-1", #"invalid parameter "limit": limit must be non-negative"#),
        (
            "query?query=up&limit=x",
            #"invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax"#
        ),
        (
            "query?query=up&limit=99999999999999999999",
            #"invalid parameter "limit": strconv.Atoi: "#
                + #"parsing "99999999999999999999": value out of range"#
        ),
        (
            "query_range?query=up&start=2&end=1&step=1",
            #"invalid parameter "end": end timestamp must not be before start time"#
        ),
        (
            "query_range?query=up&start=1&end=2&step=0",
            #"invalid parameter "step": zero or negative query resolution step widths are not "#
                + "accepted. Try a positive integer"
        ),
        (
            "query_range?query=up&start=1&end=2&step=1e300",
            #"invalid parameter "step": cannot parse "1e300" to a valid duration. "#
                + "It overflows int64"
        ),
        (
            "query_range?query=up&start=0&end=11001&step=1",
            "exceeded maximum resolution of 11,000 points per timeseries. "
                + "Try decreasing the query resolution (?step=XX)"
        ),
        (
            "query_range?query=up[1m]&start=1&end=2&step=1",
            #"invalid expression type "range vector" for range query, "#
                + "must be Scalar or instant Vector"
        ),
        (
            "query_range?query=up&end=2&step=1",
            #"invalid parameter "start": cannot parse "" to a valid timestamp"#
        ),
        (
            "query_exemplars?query=up&start=3&end=2",
            "end timestamp must not be before start timestamp"
        ),
        ("query_exemplars?query=up%2B", "1:4: parse error: unexpected end of input"),
        ("series", "no match[] parameter provided"),
        (
            "series?match[]=%7B%7D",
            #"invalid parameter "match[]": match[] must contain at least one non-empty matcher"#
        ),
        ("labels?match[]=%7B%7D", "match[] must contain at least one non-empty matcher"),
        (
            "labels?start=x",
            #"invalid parameter "start": Invalid time value for 'start': "#
                + #"cannot parse "x" to a valid timestamp"#
        ),
        ("metadata?limit=x", "limit must be a number"),
        ("metadata?limit_per_metric=x", "limit_per_metric must be a number"),
        ("rules?type=x", #"invalid parameter "type": not supported value "x""#),
        (
            "rules?exclude_alerts=x",
            #"invalid parameter "exclude_alerts": error converting exclude_alerts: "#
                + #"strconv.ParseBool: parsing "x": invalid syntax"#
        ),
        (
            "rules?group_next_token=x",
            #"invalid parameter "group_next_token": "#
                + "group_limit needs to be present in order to paginate over the groups"
        ),
        (
            "rules?group_limit=0",
            #"invalid parameter "group_limit": group_limit needs to be greater than 0"#
        ),
        (
            "rules?group_limit=1&group_next_token=x",
            #"invalid parameter "group_next_token": "#
                + "invalid group_next_token 'x'. were rule groups changed?"
        ),
    ])
    func `a wrong parameter is bad_data in Prometheus' words`(
        _ target: String,
        _ words: String
    ) async throws {
        let answer = try await WebAPIFixture().answer("/api/v1/" + target)
        #expect(answer.status == 400)
        let error = words.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: #"\""#)
        #expect(
            answer.text == #"{"status":"error","errorType":"bad_data","error":""# + error + #""}"#
        )
    }

    @Test func `a request may set lookback, timeout and statistics`() async throws {
        var fixture = try await WebAPIFixture()
        fixture.context.queries.instant = { query, time in
            #expect(query.options.lookback == .seconds(90))
            #expect(query.options.timeout == .milliseconds(1_500))
            #expect(query.options.countsSteps)
            var statistics = QueryStatistics()
            statistics.totalQueryableSamples = 3
            statistics.samplesPerStep = [.init(time: time, count: 3)]
            statistics.queueTime = .milliseconds(2)
            return QueryAnswer(.scalar(Sample(time: time, value: -0.5)), statistics: statistics)
        }
        let answer = try await fixture.answer(
            "/api/v1/query?query=1&time=7&lookback_delta=1m30s&timeout=1.5&stats=all"
        )
        #expect(
            answer.text == #"{"status":"success","data":{"resultType":"scalar","#
                + #""result":[7,"-0.5"],"stats":{"timings":{"evalTotalTime":0,"#
                + #""resultSortTime":0,"queryPreparationTime":0,"innerEvalTime":0,"#
                + #""execQueueTime":0.002,"execTotalTime":0.002},"samples":{"#
                + #""totalQueryableSamplesPerStep":[[7,3]],"totalQueryableSamples":3,"#
                + #""peakSamples":0}}}}"#
        )
    }

    @Test func `what a limit cuts off is told`() async throws {
        var fixture = try await WebAPIFixture()
        fixture.context.queries.instant = { _, time in
            let sample = Sample(time: time, value: 1)
            return QueryAnswer(.vector((1...3).map { (["n": "\($0)"], sample) }))
        }
        let all = try await fixture.answer("/api/v1/query?query=x&limit=3").text
        #expect(!all.contains("warnings"))
        let some = try await fixture.answer("/api/v1/query?query=x&limit=2").text
        #expect(some.hasSuffix(#""warnings":["results truncated due to limit"]}"#))
        #expect(!some.contains(#""n":"3""#))
        let names = try await fixture.answer("/api/v1/labels?limit=1").text
        #expect(
            names == #"{"status":"success","data":["__name__"],"#
                + #""warnings":["results truncated due to limit"]}"#
        )
    }

    @Test(arguments: [
        (APIError.Kind.execution, 422, "execution"), (.timeout, 503, "timeout"),
        (.canceled, 499, "canceled"), (.unavailable, 503, "unavailable"),
        (.notFound, 404, "not_found"), (.internal, 500, "internal"),
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
        ("label/U___5f_name__/values", "[]"),
        ("metadata?limit=0", "{}"),
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

    @Test(arguments: [
        ("label/l.a/values", #"["b"]"#), ("label/U__l_2e_a/values", #"["b"]"#),
        ("label/%C3%A9/values", #"["c"]"#), ("label/U___e9_/values", #"["c"]"#),
        ("label/U__bad_zz_/values", "[]"), ("label/U__open_2e/values", "[]"),
        (
            "series?match[]=%7B%22m.x%22,%22l.a%22=%22b%22%7D",
            #"[{"__name__":"m.x","l.a":"b","é":"c"}]"#
        ),
    ])
    func `names may be any text`(_ target: String, _ data: String) async throws {
        let fixture = try await WebAPIFixture()
        let labels: LabelSet = ["__name__": "m.x", "l.a": "b", "é": "c"]
        fixture.context.store.append(
            [SeriesSample(labels: labels, value: 1)],
            at: WebAPIFixture.now
        )
        let answer = try await fixture.answer("/api/v1/" + target)
        #expect(answer.text == #"{"status":"success","data":"# + data + "}")
    }

    @Test func `pages of other origins may read the API`() async throws {
        let fixture = try await WebAPIFixture()
        let origin = HTTPField("Origin", "http://grafana.example")
        let routes = Routes(fixture.context)
        for method in ["GET", "OPTIONS"] {
            let request = HTTPRequest(method: method, target: "/api/v1/alerts", headers: [origin])
            let answer = try await routes.answer(request)
            #expect(answer.status == (method == "GET" ? 200 : 204))
            #expect(answer.headers.contains(HTTPField("Access-Control-Allow-Origin", "*")))
        }
        let plain = try await routes.answer(HTTPRequest(target: "/api/v1/alerts"))
        #expect(!plain.headers.contains { $0.name.hasPrefix("Access-Control") })
    }

    @Test func `a wrong method or path of the API is told in the API's form`() async throws {
        let fixture = try await WebAPIFixture()
        let method = try await fixture.answer("/api/v1/query", method: "DELETE")
        #expect(method.status == 405)
        #expect(method.text.hasPrefix(#"{"status":"error","errorType":"bad_data""#))
        let path = try await fixture.answer("/api/v1/nothing")
        #expect(path.status == 404)
        #expect(path.text.hasPrefix(#"{"status":"error","errorType":"not_found""#))
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

    @Test(arguments: ["nan", "inf", "-Infinity", "1e16", "-1e300", "9007199254740993"])
    func `a time that is no moment is refused`(_ time: String) async throws {
        let fixture = try await WebAPIFixture()
        for target in [
            "query?query=1&time=\(time)", "query_range?query=1&end=1&step=1&start=\(time)",
            "series?match[]=up&end=\(time)", "labels?start=\(time)",
        ] {
            #expect(try await fixture.answer("/api/v1/" + target).status == 400, "\(target)")
        }
    }

    @Test(arguments: [
        ("POST", "admin/tsdb/delete_series?match[]=up", 503, "unavailable"),
        ("PUT", "admin/tsdb/snapshot", 503, "unavailable"),
        ("POST", "read", 404, "not_found"), ("POST", "otlp/v1/metrics", 404, "not_found"),
        ("GET", "admin/tsdb/snapshot", 405, "bad_data"),
    ])
    func `what is not offered says so`(
        _ method: String,
        _ path: String,
        _ status: Int,
        _ type: String
    ) async throws {
        let answer = try await WebAPIFixture().answer("/api/v1/" + path, method: method)
        #expect(answer.status == status)
        #expect(answer.text.contains(#""errorType":"\#(type)""#))
    }

    @Test func `there is nothing to tell the reader of the server`() async throws {
        let answer = try await WebAPIFixture().answer("/api/v1/notifications")
        #expect(answer.text == #"{"status":"success","data":[]}"#)
    }

    @Test(arguments: [
        ("http.status", "U__http_2e_status"), ("😱", "U___1f631_"), ("a_b.c", "U__a__b_2e_c"),
        ("plain", "plain"), ("a.b", "a.b"), ("U__a", "U__U____a"),
    ])
    func `the values of a label of any name can be asked for`(
        _ name: String,
        _ written: String
    ) async throws {
        let fixture = try await WebAPIFixture()
        let labels = LabelSet([("__name__", "odd"), (name, "value")])
        let series = SeriesSamples(
            labels: labels,
            times: [WebAPIFixture.now.milliseconds],
            values: [1]
        )
        fixture.context.store.append([series], at: WebAPIFixture.now)
        let path = written.utf8.map {
            $0 < 128 ? String(Unicode.Scalar($0)) : "%" + String($0, radix: 16)
        }
        let answer = try await fixture.answer("/api/v1/label/\(path.joined())/values")
        #expect(answer.text == #"{"status":"success","data":["value"]}"#)
    }
}
