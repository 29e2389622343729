// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Dispatch
import EventIO
import HTTPServer
import Samples
import Storage
import TestSupport
import Testing
import WebAPI

/// The page that draws, in a real browser.
@Suite(.enabled(if: isInstalled("chromium"), "chromium is not installed"), .timeLimit(.minutes(2)))
struct GraphPageTests {
    private static let hostile =
        #"</title></td><script>document.title='taken'</script><img src=x onerror="document.title='taken'">"#

    /// The page's document after the browser ran what it found, and what the browser complained of.
    private func load(_ target: String) async throws -> String {
        var context = try await PrometheusComparisonTests.context()
        let now = context.now()
        let times = ContiguousArray(
            (0..<20).map { now.milliseconds - 15_000 * Int64($0) }.reversed()
        )
        let values = ContiguousArray(times.indices.map(Double.init))
        let labels: LabelSet = ["__name__": "hostile", "label": Self.hostile]
        context.store.append(
            [SeriesSamples(labels: labels, times: times, values: values)],
            at: now
        )
        context.now = { now }
        let routes = Routes(context)
        let server = try HTTPServer(host: "127.0.0.1", port: 0) { try await routes.answer($0) }
        let folder = TemporaryDirectory()
        let log = folder.file("log")
        // Debian's build needs no sandbox of its own where it runs as root, as here.
        let words = [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
            "--user-data-dir=" + folder.file("profile"), "--dump-dom",
            "http://127.0.0.1:\(server.port)\(target)",
        ]
        let status: Int32 = try await withCheckedThrowingContinuation { done in
            DispatchQueue.global().async {
                done.resume(with: Result { try ServerProcess.run(words, logFile: log) })
            }
        }
        await server.stop(grace: .zero)
        #expect(status == 0)
        return String(decoding: try contents(ofFile: log), as: UTF8.self)
    }

    @Test func `a browser draws an expression without a word of complaint`() async throws {
        let text = try await load("/graph?g0.expr=rate(requests_total%5B1m%5D)&g0.range_input=10m")
        #expect(text.contains("<title>Graph</title>"))
        #expect(text.split(separator: "<path ").count - 1 == 2)
        #expect(text.contains(#"<td>{job="a"}</td>"#))
        // Refused styles, scripts and images are told by the page's console.
        #expect(!text.contains("CONSOLE"), "\(text)")
    }

    @Test func `labels that are markup stay text`() async throws {
        let text = try await load("/graph?g0.expr=hostile&g0.range_input=5m")
        #expect(text.contains("<title>Graph</title>"))
        #expect(text.contains("&lt;script&gt;document.title='taken'&lt;/script&gt;"))
        #expect(!text.contains("<img"))
        #expect(!text.contains("<script"))
    }

    @Test func `a wrong expression is shown with its place`() async throws {
        let text = try await load("/graph?g0.expr=sum(%3Cb%3Ex%3C/b%3E)")
        #expect(text.contains("<b>Error.</b> 1:5: parse error: unexpected &lt;op:&lt;&gt;"))
        #expect(text.contains("<pre>sum(&lt;b&gt;x&lt;/b&gt;)\n    ^</pre>"))
        #expect(!text.contains("<b>x</b>"))
    }
}
