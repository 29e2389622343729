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

    /// Each page of one writer is what a new writer would have made.
    @Test func `a writer that keeps what it rendered writes what a new one would`() {
        var writer = ExpositionWriter(format: .text)
        var generator = SystemRandomNumberGenerator()
        var families: [MetricFamily] = []
        for round in 0..<300 {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0:
                var family = MetricFamily(name: "f\(round % 7)", kind: .gauge, help: "F\(round)")
                for label in 0..<Int.random(in: 0..<5, using: &generator) {
                    family.add(Double(round), ["n": "\(label % 3)"])
                }
                families.append(family)
            case 1 where !families.isEmpty:
                families.remove(at: Int.random(in: 0..<families.count, using: &generator))
            case 2 where families.last?.samples.isEmpty == false:
                families[families.count - 1].samples.removeFirst()
            case 3 where !families.isEmpty:
                families[0].add(1, ["n": "new\(round)"])
            default:
                for index in families.indices where !families[index].samples.isEmpty {
                    families[index].samples[0].value = Double(round) / 3
                    families[index].samples[0].time = Timestamp(milliseconds: Int64(round))
                }
            }
            let expected = ExpositionWriter.page(families, format: .text)
            #expect(writer.page(families) == expected, "round \(round)")
        }
    }

    @Test func `a series gets the added labels that it lacks`() {
        var family = MetricFamily(name: "x", kind: .gauge, help: "")
        family.add(1)
        family.add(2, ["instance": "a"])
        var writer = ExpositionWriter(
            format: .text,
            adding: [("cluster", "\"c\""), ("instance", "")]
        )
        #expect(
            String(decoding: writer.page([family]), as: UTF8.self) == #"""
                # TYPE x gauge
                x{cluster="\"c\"",instance=""} 1
                x{instance="a",cluster="\"c\""} 2

                """#
        )
    }

    @Test func `a counter whose family would have the name of a gauge is unknown`() {
        var gauge = MetricFamily(name: "go_alloc_bytes", kind: .gauge, help: "")
        gauge.add(1)
        var counter = MetricFamily(name: "go_alloc_bytes_total", kind: .counter, help: "")
        counter.add(2)
        var writer = ExpositionWriter(format: .openMetrics)
        #expect(
            String(decoding: writer.page([counter, gauge]), as: UTF8.self) == """
                # TYPE go_alloc_bytes gauge
                go_alloc_bytes 1
                # TYPE go_alloc_bytes_total unknown
                go_alloc_bytes_total 2
                # EOF

                """
        )
        #expect(
            String(decoding: writer.page([counter]), as: UTF8.self)
                == "# TYPE go_alloc_bytes counter\ngo_alloc_bytes_total 2\n# EOF\n"
        )
    }

    @Test func `a name that is no plain one is written with underscores`() {
        var family = MetricFamily(name: "http.requests\u{e9}", kind: .gauge, help: "")
        family.add(1, ["0a.b:c": "d"])
        #expect(
            String(decoding: ExpositionWriter.page([family], format: .text), as: UTF8.self) == """
                # TYPE http_requests_ gauge
                http_requests_{_a_b_c="d"} 1

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
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                + "encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,"
                + "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5",
            .openMetrics
        ),
    ])
    func `the format is what the client weighs most`(_ accept: String?, _ format: ExpositionFormat)
    {
        #expect(ExpositionRequest(accept: accept).format == format)
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
