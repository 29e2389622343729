// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Exposition
internal import Samples
internal import TestSupport
internal import Testing

struct ExpositionWriterTests {
    private var families: [MetricFamily] {
        var requests = MetricFamily(
            name: "http_requests_total",
            kind: .counter,
            help: "Requests \"seen\"\nby \\ path"
        )
        requests.add(1_027, ["path": "C:\\a\"b\n"])
        requests.add(3, ["path": "/"])
        var kept = MetricFamily(name: "pg_stat_commits", kind: .counter, help: "Commits.")
        kept.add(1.5)
        var state = MetricFamily(name: "breaker_state", kind: .gauge, help: "State.")
        state.add(.nan, ["service": "auth"])
        state.add(.infinity, ["service": "feed"])
        var latency = MetricFamily(name: "latency_seconds", kind: .histogram, help: "Latency.")
        func add(_ suffix: String, _ value: Double, _ labels: LabelSet = .empty) {
            let name = Symbol("latency_seconds" + suffix)
            let labels = labels.setting(.metricName, to: name)
            latency.samples.append(SeriesSample(labels: labels, value: value))
        }
        add("_bucket", 1, ["le": "0.5"])
        add("_bucket", 2, ["le": "1"])
        add("_bucket", 2, ["le": "+Inf"])
        add("_sum", 0.75)
        add("_count", 2)
        return [requests, kept, state, latency]
    }

    @Test func `the text format has help and type before each family, by name`() {
        let page = String(decoding: ExpositionWriter.page(families, format: .text), as: UTF8.self)
        #expect(
            page == #"""
                # HELP breaker_state State.
                # TYPE breaker_state gauge
                breaker_state{service="auth"} NaN
                breaker_state{service="feed"} +Inf
                # HELP http_requests_total Requests "seen"\nby \\ path
                # TYPE http_requests_total counter
                http_requests_total{path="C:\\a\"b\n"} 1027
                http_requests_total{path="/"} 3
                # HELP latency_seconds Latency.
                # TYPE latency_seconds histogram
                latency_seconds_bucket{le="0.5"} 1
                latency_seconds_bucket{le="1"} 2
                latency_seconds_bucket{le="+Inf"} 2
                latency_seconds_sum 0.75
                latency_seconds_count 2
                # HELP pg_stat_commits Commits.
                # TYPE pg_stat_commits counter
                pg_stat_commits 1.5

                """#
        )
    }

    @Test func `OpenMetrics names counters without total and ends`() {
        let page = ExpositionWriter.page(families, format: .openMetrics)
        #expect(
            String(decoding: page, as: UTF8.self) == #"""
                # HELP breaker_state State.
                # TYPE breaker_state gauge
                breaker_state{service="auth"} NaN
                breaker_state{service="feed"} +Inf
                # HELP http_requests Requests \"seen\"\nby \\ path
                # TYPE http_requests counter
                http_requests_total{path="C:\\a\"b\n"} 1027
                http_requests_total{path="/"} 3
                # HELP latency_seconds Latency.
                # TYPE latency_seconds histogram
                latency_seconds_bucket{le="0.5"} 1
                latency_seconds_bucket{le="1.0"} 2
                latency_seconds_bucket{le="+Inf"} 2
                latency_seconds_sum 0.75
                latency_seconds_count 2
                # HELP pg_stat_commits Commits.
                # TYPE pg_stat_commits unknown
                pg_stat_commits 1.5
                # EOF

                """#
        )
    }

    @Test func `families of one name become one block and a series comes once`() {
        var first = MetricFamily(name: "up", kind: .gauge, help: "Up.")
        first.add(1, ["job": "a"])
        var second = MetricFamily(name: "up", kind: .gauge, help: "Other words.")
        second.add(0, ["job": "a"])
        second.add(1, ["job": "b"])
        let page = ExpositionWriter.page([first, second], format: .text)
        #expect(
            String(decoding: page, as: UTF8.self) == """
                # HELP up Up.
                # TYPE up gauge
                up{job="a"} 1
                up{job="b"} 1

                """
        )
    }

    @Test func `a time is milliseconds in one format and seconds in the other`() {
        var family = MetricFamily(name: "x", kind: .gauge, help: "")
        let time = Timestamp(milliseconds: 1_700_000_000_125)
        family.samples = [SeriesSample(labels: ["__name__": "x"], value: 1, time: time)]
        let text = ExpositionWriter.page([family], format: .text)
        #expect(String(decoding: text, as: UTF8.self).hasSuffix("x 1 1700000000125\n"))
        let open = ExpositionWriter.page([family], format: .openMetrics)
        #expect(String(decoding: open, as: UTF8.self).hasSuffix("x 1 1700000000.125\n# EOF\n"))
    }

    @Test(arguments: [
        (String?.none, ExpositionFormat.text),
        ("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .text),
        ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", .openMetrics),
        ("application/openmetrics-text; version=0.0.1;q=0.75,text/plain;q=0.5", .openMetrics),
        ("application/openmetrics-text;q=0.2,text/plain;q=0.5", .text),
        ("application/openmetrics-text;version=9", .text),
        ("application/vnd.google.protobuf;q=1", .text),
    ])
    func `the format is what the client weighs most`(_ accept: String?, _ format: ExpositionFormat)
    {
        #expect(ExpositionFormat.negotiated(accept: accept) == format)
    }

    @Test(.enabled(if: isInstalled("promtool"), "promtool is not installed"))
    func `promtool has nothing to say`() throws {
        var families = families
        families.removeAll { $0.name == "pg_stat_commits" }
        let folder = TemporaryDirectory()
        let page = folder.file("page")
        try write(ExpositionWriter.page(families, format: .text), toFile: page)
        let command = "promtool check metrics < \(page)"
        let log = folder.file("log")
        #expect(try ServerProcess.run(["sh", "-c", command], logFile: log) == 0)
        #expect(try contents(ofFile: log) == [])
    }

    @Test(.enabled(if: hasPrometheusClient, "prometheus_client is not installed"))
    func `the Python client's OpenMetrics parser reads the page`() throws {
        let folder = TemporaryDirectory()
        let page = folder.file("page")
        try write(ExpositionWriter.page(families, format: .openMetrics), toFile: page)
        let program = """
            from prometheus_client.openmetrics.parser import text_string_to_metric_families
            text = open('\(page)', newline='').read()
            for f in text_string_to_metric_families(text): print(f.name, f.type, len(f.samples))
            """
        let log = folder.file("log")
        #expect(try ServerProcess.run(["python3", "-c", program], logFile: log) == 0)
        let said = String(decoding: try contents(ofFile: log), as: UTF8.self)
        #expect(
            said == """
                breaker_state gauge 2
                http_requests counter 2
                latency_seconds histogram 5
                pg_stat_commits unknown 1

                """
        )
    }
}

private let hasPrometheusClient: Bool =
    (try? ServerProcess.run(["python3", "-c", "import prometheus_client.openmetrics.parser"])) == 0
