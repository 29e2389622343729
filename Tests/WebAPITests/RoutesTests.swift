// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import HTTPServer
internal import Samples
internal import Secrets
internal import TestSupport
internal import Testing
internal import WebAPI

struct RoutesTests {
    @Test func `metrics carry the latest polls and our own`() async throws {
        let fixture = try await WebAPIFixture()
        let answer = try await fixture.answer("/metrics")
        #expect(answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(answer.text.contains("redis_connected_clients{server=\"cache\"} 7\n"))
        let open = try await fixture.answer(
            "/metrics",
            headers: [HTTPField("Accept", "application/openmetrics-text; version=1.0.0")]
        )
        #expect(open.contentType.hasPrefix("application/openmetrics-text; version=1.0.0"))
        #expect(open.text.hasSuffix("# EOF\n"))
        #expect(
            open.text.contains("nightjar_http_requests_total{code=\"200\",route=\"/metrics\"} 1")
        )
    }

    @Test func `what there is not is a problem document`() async throws {
        let answer = try await WebAPIFixture().answer("/nowhere")
        #expect(answer.status == 404)
        #expect(answer.contentType == "application/problem+json")
        #expect(
            answer.text == #"{"type":"about:blank","title":"Not Found","status":404,"#
                + #""detail":"there is nothing at /nowhere","instance":"/nowhere"}"#
        )
    }

    @Test func `a wrong method is told what is right`() async throws {
        let answer = try await WebAPIFixture().answer("/-/reload")
        #expect(answer.status == 405)
        #expect(answer.text.contains("/-/reload takes POST, PUT"))
    }

    @Test func `a reload that fails answers every error`() async throws {
        var fixture = try await WebAPIFixture()
        #expect(try await fixture.answer("/-/reload", method: "POST").status == 200)
        fixture.context.reload = {
            ReloadReport(errors: ["a.yml:1:2: error: x", "a.yml:3:4: error: y"])
        }
        let answer = try await fixture.answer("/-/reload", method: "POST")
        #expect(answer.status == 400)
        #expect(answer.text.contains(#""errors":["a.yml:1:2: error: x","a.yml:3:4: error: y"]"#))
    }

    @Test func `readiness follows the daemon and health does not`() async throws {
        var fixture = try await WebAPIFixture()
        #expect(try await fixture.answer("/-/ready").status == 200)
        fixture.context.isReady = { false }
        #expect(try await fixture.answer("/-/ready").status == 503)
        #expect(try await fixture.answer("/-/healthy").status == 200)
    }

    @Test func `sources and notifications say why`() async throws {
        let fixture = try await WebAPIFixture()
        let sources = try await fixture.answer("/api/nightjar/sources").text
        #expect(
            sources.contains(
                #""health":"down","reason":"auth","error":"log in to main: password <wrong>""#
            )
        )
        let notifications = try await fixture.answer("/api/nightjar/notifications").text
        #expect(notifications.hasPrefix(#"{"notifications":[{"delivery_id":"d-1""#))
        #expect(notifications.contains(#""status_code":503,"error":"server_error""#))
    }

    @Test func `the page for people shows all and escapes it`() async throws {
        let answer = try await WebAPIFixture().answer("/")
        #expect(answer.contentType == "text/html; charset=utf-8")
        #expect(answer.text.contains("Pool of &lt;auth&gt; is full"))
        #expect(answer.text.contains("auth: log in to main: password &lt;wrong&gt;"))
        #expect(answer.text.contains("2m10s, since 2023-11-14T22:11:10Z"))
        #expect(!answer.text.contains("<auth>"))
    }

    @Test func `the page of an alert says what it means, and where it fires`() async throws {
        let fixture = try await WebAPIFixture()
        let answer = try await fixture.answer("/runbooks/PoolExhausted")
        #expect(answer.status == 200)
        #expect(answer.text.contains("<b>What.</b> Pool of &lt;auth&gt; is full"))
        #expect(answer.text.contains("<h2 class=\"firing\">firing for 2m10s</h2>"))
        #expect(answer.text.contains("href=\"/graph?g0.expr="))
        #expect(try await fixture.answer("/runbooks/Nothing").status == 404)
    }

    @Test func `an expression is drawn, and a wrong one is told`() async throws {
        let fixture = try await WebAPIFixture()
        let drawn = try await fixture.answer("/graph?g0.expr=a%3C1&g0.range_input=30m").text
        #expect(drawn.contains("value=\"a&lt;1\""))
        #expect(drawn.contains("<path fill=\"none\""))
        #expect(drawn.contains("<td>{a=&quot;b&quot;}</td><td>1</td><td>+Inf</td><td>+Inf</td>"))
        #expect(drawn.contains("careful"))
        let wrong = try await fixture.answer("/graph?g0.expr=a%28%3C").text
        #expect(wrong.contains("<b>Error.</b>"))
        #expect(!wrong.contains("<svg"))
    }

    @Test func `without a right to ask nothing is answered`() async throws {
        var fixture = try await WebAPIFixture()
        fixture.context.authentication = HTTPAuthentication(hashes: [:], tokens: [Secret("t")])
        #expect(try await fixture.answer("/metrics").status == 401)
        let token = HTTPField("Authorization", "Bearer t")
        #expect(try await fixture.answer("/metrics", headers: [token]).status == 200)
    }

    @Test(.enabled(if: isInstalled("promtool"), "promtool is not installed"))
    func `promtool has nothing to say about our own metrics`() async throws {
        let fixture = try await WebAPIFixture()
        _ = try await fixture.answer("/metrics")
        let folder = TemporaryDirectory()
        let routes = Routes(fixture.context)
        let response = try await routes.answer(HTTPRequest(target: "/metrics"))
        guard case .buffer(let page) = response.body else {
            Issue.record("the page is not shared")
            return
        }
        try write(page.array, toFile: folder.file("page"))
        let command = "promtool check metrics < " + folder.file("page")
        #expect(try ServerProcess.run(["sh", "-c", command], logFile: folder.file("log")) == 0)
        #expect(try contents(ofFile: folder.file("log")) == [])
    }

    @Test(.enabled(if: hasPrometheusClient, "prometheus_client is not installed"))
    func `the Python client reads both pages as OpenMetrics`() async throws {
        let fixture = try await WebAPIFixture()
        let routes = Routes(fixture.context)
        let accept = HTTPField("Accept", "application/openmetrics-text; version=1.0.0")
        let folder = TemporaryDirectory()
        for target in ["/metrics", "/metrics", "/federate?match[]=%7Bserver!=%22%22%7D"] {
            let request = HTTPRequest(target: target, headers: [accept])
            guard case .buffer(let page) = try await routes.answer(request).body else {
                Issue.record("the page is not shared")
                continue
            }
            try write(page.array, toFile: folder.file("page"))
            let program = """
                from prometheus_client.openmetrics.parser import text_string_to_metric_families
                text = open('\(folder.file("page"))', newline='').read()
                assert sum(len(f.samples) for f in text_string_to_metric_families(text)) > 0
                """
            let log = folder.file("log")
            #expect(try ServerProcess.run(["python3", "-c", program], logFile: log) == 0)
        }
    }

    @Test func `a large answer is compressed for those who read gzip`() async throws {
        let fixture = try await WebAPIFixture()
        let gzip = HTTPField("Accept-Encoding", "gzip")
        let request = HTTPRequest(target: "/", headers: [gzip])
        let response = try await Routes(fixture.context).answer(request)
        #expect(response.headers.contains(HTTPField("Content-Encoding", "gzip")))
    }

    /// A real Prometheus reads the page from a real server and evaluates `up` of it to 1.
    @Test(.enabled(if: isInstalled("prometheus"), "prometheus is not installed"))
    func `Prometheus scrapes the page without an error`() async throws {
        let fixture = try await WebAPIFixture()
        let routes = Routes(fixture.context)
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { try await routes.answer($0) }
        let folder = TemporaryDirectory()
        let configuration = """
            global: {scrape_interval: 200ms, scrape_timeout: 200ms}
            scrape_configs:
              - {job_name: nightjar, static_configs: [{targets: ["127.0.0.1:\(server.port)"]}]}
            """
        try write(Array(configuration.utf8), toFile: folder.file("prometheus.yml"))
        let port = freePort()
        let prometheus = try ServerProcess(
            [
                "prometheus", "--config.file=" + folder.file("prometheus.yml"),
                "--storage.tsdb.path=" + folder.file("data"),
                "--web.listen-address=127.0.0.1:\(port)",
            ],
            logFile: folder.file("log")
        )
        let query = "redis_connected_clients%7Bserver%3D%22cache%22%7D"
        let url = "http://127.0.0.1:\(port)/api/v1/query?query=\(query)"
        let command =
            "for i in $(seq 100); do curl -s '\(url)' | grep -q '\"7\"' && exit 0; "
            + "sleep 0.1; done; exit 1"
        // On a queue of its own: the pool's threads are the handlers'.
        let status = try await BlockingQueue(label: "curl").run {
            try ServerProcess.run(["sh", "-c", command])
        }
        prometheus.stop()
        await server.stop(grace: .zero)
        #expect(status == 0)
        #expect(
            try !String(decoding: contents(ofFile: folder.file("log")), as: UTF8.self)
                .contains("level=error")
        )
    }
}

private let hasPrometheusClient: Bool =
    (try? ServerProcess.run(["python3", "-c", "import prometheus_client.openmetrics.parser"])) == 0
