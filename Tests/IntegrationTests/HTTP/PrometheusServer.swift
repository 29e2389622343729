// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import HTTPFetch
import SourceText
import TestSupport

/// A real Prometheus over samples of a test's own, on a free port.
final class PrometheusServer: Sendable {
    static let isHere = isInstalled("prometheus") && isInstalled("promtool")

    let address: String
    private let process: ServerProcess
    private let folder = TemporaryDirectory()

    /// Starts it over the samples of an OpenMetrics page with times.
    ///
    /// - Throws: what starting programs throws.
    init(samples page: String, configuration: String, rules: String = "groups: []\n") throws {
        let port = freePort()
        address = "http://127.0.0.1:\(port)"
        let text = configuration.replacing("PORT", with: "\(port)")
        for (name, text) in [("page", page), ("prometheus.yml", text), ("rules.yml", rules)] {
            try write(Array(text.utf8), toFile: folder.file(name))
        }
        let log = folder.file("log")
        let made = try ServerProcess.run(
            [
                "promtool", "tsdb", "create-blocks-from", "openmetrics", folder.file("page"),
                folder.file("data"),
            ],
            logFile: log
        )
        guard made == 0 else { throw PrometheusFailure(log: try Self.text(log)) }
        process = try ServerProcess(
            [
                "prometheus", "--config.file=" + folder.file("prometheus.yml"),
                "--storage.tsdb.path=" + folder.file("data"),
                "--storage.tsdb.retention.time=100y",
                "--web.listen-address=127.0.0.1:\(port)",
            ],
            logFile: folder.file("log")
        )
    }

    deinit { process.stop() }

    /// Waits until a path's answer contains a text.
    func waitUntil(_ target: String, says text: String, _ client: HTTPClient) async throws {
        for _ in 0..<300 {
            if let answer = try? await client.get(address + target), answer.text.contains(text) {
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw PrometheusFailure(log: try Self.text(folder.file("log")))
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try contents(ofFile: path), as: UTF8.self)
    }
}

/// What Prometheus wrote instead of serving.
struct PrometheusFailure: Error { let log: String }

extension HTTPClient {
    /// Gets or posts to an address.
    func get(_ url: String, form: String? = nil) async throws -> HTTPFetchResponse {
        var request = HTTPFetchRequest(url: url)
        if let form {
            request.method = "POST"
            request.body = Array(form.utf8)
            let kind = "application/x-www-form-urlencoded"
            request.headers = [HTTPHeader("Content-Type", kind)]
        }
        return try await send(request, before: .now + .seconds(30))
    }
}
