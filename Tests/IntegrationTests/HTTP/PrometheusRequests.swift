// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A request of the API, as it is sent.
struct APIRequest: Sendable, CustomStringConvertible {
    let method: String
    /// Behind `/api/v1/`.
    let target: String
    let body: String
    let contentType: String

    init(
        _ target: String,
        method: String = "GET",
        body: String = "",
        contentType: String = "application/x-www-form-urlencoded"
    ) {
        self.method = method
        self.target = target
        self.body = body
        self.contentType = contentType
    }

    /// A form with nothing in the target's query.
    static func form(_ target: String, _ body: String) -> APIRequest {
        APIRequest(target, method: "POST", body: body)
    }

    var description: String { "\(method) \(target) \(body)" }
}

/// Requests made of every value in every place.
enum PrometheusRequests {
    /// Moments, right and wrong ones; infinite ones are refused here and computed with there.
    private static let times = [
        "1700000100", "1700000100.5", "1.7000001e9", "1700000100.", "+1700000100", "-1", "0", "-0",
        "1e3", "1700000100.0004", "1700000100.0006", "-1.0005", ".5", "1700000100.123456789",
        "2023-11-14T22:15:00Z", "2023-11-14T22:15:00.123456789Z", "2023-11-14T22:15:00.5%2B05:30",
        "2023-11-14T22:15:00-00:00", "2023-11-14T22:15:00-11:59", "2023-11-14t22:15:00z",
        "2023-11-14%2022:15:00Z", "2023-11-14T22:15:00", "2023-11-14T22:15Z", "2023-11-14",
        "2023-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-02-29T00:00:00Z",
        "2000-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2023-04-31T00:00:00Z",
        "2023-11-14T24:00:00Z", "2023-11-14T22:60:00Z", "2023-11-14T22:15:60Z",
        "2023-13-14T22:15:00Z", "2023-00-14T22:15:00Z", "2023-11-00T22:15:00Z",
        "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "1677-09-22T00:00:00Z",
        "2262-04-11T00:00:00Z", "2023-11-14T22:15:00,5Z", "2023-11-14T22:15:00.Z",
        "2023-11-14T2:15:00Z", "2023-11-14T22:15:00%2B24:00", "2023-11-14T22:15:00%2B05:60",
        "2023-11-14T22:15:00%2B0530", "2023-11-14T22:15:00ZZ", "02023-11-14T22:15:00Z", "x", "0x10",
        "0x1p4", "1_000", "_1", "1__0",
        "%201", "1%20", "1s", "now", "%00", "%D9%A1", "+nan", "1e400", "infinit",
    ]

    /// Durations, right and wrong ones.
    private static let durations = [
        "1", "0.5", "1.5", "30", "1e1", "5.", ".5", "+5", "0x10", "0x1p3", "1_0", "1s", "1.5s",
        "1m",
        "1m30s", "1h30m", "1m30s500ms", "500ms", "1d", "1w", "1y", "1y2w3d4h5m6s7ms", "30s1m",
        "1m1m",
        "1.5m", "1h%2030m", "0", "0s", "-0", "-1", "-1m", "0.001", "0.0004", "1e-9", "NaN", "nan",
        "inf", "-inf", "1e10", "1e300", "x", "s", "1ss", "1M", "1us", "1%C2%B5s", "%2B1m", "%zz",
        "99999999999y", "9223372037", "1e400",
    ]

    /// Expressions, right and wrong ones; of those that Prometheus 3 reads otherwise there is none.
    private static let expressions = [
        "1", "-1", "1e3", "0x1f", "NaN", "-Inf", "'a'", "%22a%5Cn%22", "`a`", "time()", "vector(1)",
        "requests_total", "%7B__name__=%22requests_total%22%7D", "%7Bjob=~%22a|b%22%7D",
        "requests_total%7Bjob!=%22a%22%7D", "requests_total%20offset%2015s",
        "requests_total%20@%201700000050", "requests_total%20@%20end()",
        "max_over_time(requests_total%5B1m:15s%5D)", "sum(requests_total)",
        "topk(1,requests_total)", "count_values(%22v%22,requests_total)",
        "requests_total%20%3E%20bool%202", "requests_total%20and%20on(job)%20requests_total",
        "latency_bucket%20/%20ignoring(le)%20group_left%20sum(latency_bucket)",
        "sort(requests_total)", "absent(x)", "scalar(vector(2))", "-requests_total",
        "predict_linear(requests_total%5B1m%5D,10)", "day_of_week()",
        "label_join(vector(1),%22a%22)",
        "quantile(0.5,requests_total)", "stddev(requests_total)", "group(requests_total)",
        "histogram_quantile(0.9,sum%20by(le)(latency_bucket))", "1%20%2F%200",
        "clamp(vector(5),1,2)",
        "requests_total%20unless%20requests_total", "temperature%20or%20vector(1)",
        "", "%20", "%23comment", "1%2B", "sum(", "sum(1", "foo(", "rate(x)",
        "rate(x%5B5m%5D%5B1m%5D)",
        "x%7Ba%7D", "x%7Ba=b%7D", "x%7Ba=%22b%7D", "%7B%7D",
        "x%5B0s%5D", "%22a%22%2B1", "1%20and%202", "x%20%3C%20bool", "time(1)", "by%20(a)",
        "x%20@%20start", "sum%20by%20(a)%20without%20(b)%20(x)", "abs()", "1%201", ")", "x;y",
        "%00",
        "%FF", "x%20%2B%20on(a)%20group_left(b)%20group_right%20y", "count_values(1,x)",
    ]

    /// Selectors for `match[]`.
    private static let selectors = [
        "requests_total", "%7Bjob=%22a%22%7D", "%7B__name__=~%22.%2Btotal%22%7D",
        "%7Bjob=~%22.*%22%7D", "%7Bjob!=%22%22%7D", "%7Bjob=%22%22%7D", "%7B%7D", "", "sum(x)",
        "requests_total%5B5m%5D", "requests_total%20offset%201m", "%7Bjob%7D", "nothing",
        "requests_total%7Bjob=%22a%22,job=%22b%22%7D", "1", "%20",
        "%7B__name__=%22requests_total%22,job!~%22a%22%7D", "%7Bnone!=%22a%22%7D",
    ]

    /// Requests of methods that fit and that do not, with an origin of another site.
    static let methods: [APIRequest] = [
        "query?query=1", "query_range", "query_exemplars", "series", "labels", "label/a/values",
        "metadata", "rules", "alerts", "targets", "targets/metadata", "scrape_pools",
        "alertmanagers",
        "status/buildinfo", "status/config", "status/flags", "status/runtimeinfo", "status/tsdb",
        "status/walreplay", "format_query", "nothing/at/all",
    ].flatMap { target in
        // Prometheus has a way to delete series that says that it is not there yet.
        ["PUT", "DELETE", "PATCH", "OPTIONS", "POST"].map { APIRequest(target, method: $0) }
            .filter { $0.description != "DELETE series " }
    }

    private static let window = "start=1700000000&end=1700000600"

    static var all: [APIRequest] {
        var targets: [String] = []
        targets += times.map { "query?query=time()&time=\($0)" }
        targets += times.map { "query_range?query=time()&start=\($0)&end=1700000160&step=1e9" }
        targets += times.map { "query_range?query=1&start=-1&end=\($0)&step=1e9" }
        targets += times.map { "series?match[]=requests_total&start=\($0)" }
        targets += times.map { "labels?match[]=requests_total&end=\($0)" }
        targets += times.map { "query_exemplars?query=requests_total&start=\($0)&end=1700000160" }
        targets += durations.map {
            "query_range?query=requests_total&start=1700000001&end=1700000031&step=\($0)"
        }
        targets += expressions.map { "query?query=\($0)&time=1700000100.5" }
        targets += expressions.filter { !$0.hasPrefix("sort(") }.map {
            "query_range?query=\($0)&start=1700000001&end=1700000101&step=20"
        }
        targets += durations.map { "query?query=time()&time=1&timeout=\($0)" }
        targets += expressions.map { "format_query?query=\($0)" }
        targets += expressions.map { "query_exemplars?query=\($0)&start=1&end=2" }
        for selector in selectors {
            targets.append("series?match[]=\(selector)&\(window)")
            targets.append("series?match[]=temperature&match[]=\(selector)&\(window)")
            targets.append("labels?match[]=\(selector)&\(window)")
            targets.append("label/job/values?match[]=\(selector)&\(window)")
            targets.append("targets/metadata?metric=nothing&match_target=\(selector)")
        }
        targets += ["labels", "label/none/values", "label/job/values", "label/room/values"].map {
            "\($0)?\(window)"
        }
        targets += limits + odd
        return targets.map { APIRequest($0) } + forms
    }

    private static let limits = ["0", "1", "-1", "x", "1.5", "99999999999999999999", "+1", ""]
        .flatMap {
            ["metadata?metric=nothing&limit=\($0)", "targets/metadata?metric=nothing&limit=\($0)"]
        }

    private static let odd = [
        "query_range", "query_range?query=1", "query_range?query=1&start=1",
        "query_range?query=1&start=1&end=2", "query_range?start=1&end=2&step=1",
        "query_range?query=1&start=2&end=1&step=1", "query_range?query=1&start=1&end=1&step=1",
        "query_range?query=1&start=0&end=11000&step=1",
        "query_range?query=1&start=0&end=11000.9&step=1",
        "query_range?query=1&start=0&end=11001&step=1",
        "query_range?query=1&start=0&end=1&step=0.00009",
        "series?match[]=requests_total&start=2&end=1", "labels?start=2&end=1",
        "query_exemplars?query=a&start=2&end=1", "query_exemplars?query=a",
        "query_exemplars?query=requests_total&start=1700000000000&end=1700000060000",
        "query?query=1&query=2&time=1", "query?time=1&query=1&time=2", "query?QUERY=1",
        "query?query=1&time=1&unknown=2", "query?%71uery=1&time=1", "query?query=1+%2B+1&time=1",
        "query?query=1&&time=1&", "query?time=1&query=%zz&query=2&time=3",
        "query?query=1;query=2&time=1&query=3", "series?match[]=%zz&match[]=requests_total",
        "series?match[]=%4&match[]=up", "series?match[]=a;match[]=b", "series?%zz",
        "labels?match[]=requests_total&x=%zz&start=1;2",
        "query_range?query=1&start=%zz&end=1&step=1", "query?=1&query=1&time=3",
        "format_query", "format_query?query=sum(a)&query=b", "rules?type=alerting",
        "rules?type=%20alert",
    ]

    private static let form =
        "query=requests_total&time=1700000101&start=1700000001&end=1700000101"
        + "&step=50&match[]=requests_total"

    private static let forms: [APIRequest] =
        ["query", "query_range", "series", "labels", "query_exemplars", "format_query"]
        .flatMap(posts)

    private static func posts(_ path: String) -> [APIRequest] {
        let bodies = [
            form, "", "query=%zz&" + form, form + "&match[]=temperature",
            form.replacing("_", with: "%5F"),
        ]
        let kinds = [
            "text/plain", "application/json", "",
            "application/x-www-form-urlencoded; charset=utf-8",
            "Application/X-WWW-Form-Urlencoded",
        ]
        var requests: [APIRequest] = bodies.map { .form(path, $0) }
        requests.append(.form(path + "?" + form, ""))
        requests.append(.form(path + "?query=other&match[]=temperature", form))
        requests.append(.form(path + "?time=1700000100&start=1700000051", form))
        // Without a form these ask for everything, which differs.
        if path == "labels" { return requests.filter { $0.body.contains("match") } }
        requests += kinds.map { APIRequest(path, method: "POST", body: form, contentType: $0) }
        requests.append(APIRequest(path, method: "GET", body: form))
        return requests
    }
}
