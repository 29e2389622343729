// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Daemon
import EventIO
import HTTPFetch
import Logging
import SourceText
import TestSupport

/// The files of a configuration, and questions to the daemon that runs on them.
final class Deployment: Sendable {
    /// The folder of the files; the daemon's data may lie in it too.
    let directory = TemporaryDirectory()
    private let http = HTTPClient()

    /// The path of the configuration.
    var path: String { directory.file("nightjar.yml") }

    /// Writes the configuration, and other files by their names.
    init(_ configuration: String, _ files: [String: String] = [:]) throws {
        try write("nightjar.yml", configuration)
        for (name, text) in files { try write(name, text) }
    }

    /// Writes a file of the configuration.
    func write(_ name: String, _ text: String) throws {
        try EventIO.write(Array(text.utf8), toFile: directory.file(name))
    }

    /// Runs a daemon in this process on these files while `body` lasts, which gets its address.
    func run(_ body: (String) async throws -> Void) async throws {
        let daemon = try await Daemon.start(
            configurationPath: path,
            overrides: Overrides(),
            log: Log(level: .error)
        )
        let running = Task { try await daemon.run() }
        let failure: (any Error)?
        do {
            try await body(daemon.address)
            failure = nil
        } catch {
            failure = error
        }
        running.cancel()
        _ = await running.result
        await daemon.stop()
        if let failure { throw failure }
    }

    /// The answer to a request.
    func fetch(_ url: String, method: String = "GET") async throws -> HTTPFetchResponse {
        var request = HTTPFetchRequest(url: url)
        request.method = method
        return try await http.send(request, before: .now + .seconds(20))
    }

    /// The text of a page.
    func text(_ url: String) async throws -> String {
        String(decoding: try await fetch(url).body, as: UTF8.self)
    }

    /// Asks for a reload, and returns the status with the text of the answer.
    func reload(_ address: String) async throws -> (status: Int, text: String) {
        let answer = try await fetch(address + "/-/reload", method: "POST")
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }

    /// The values of an instant query by the text of a label; by nothing where it is empty.
    func query(
        _ address: String,
        _ expression: String,
        by label: String = "__name__"
    ) async throws -> [String: Double] {
        let answer = try await fetch(address + "/api/v1/query?query=" + encoded(expression))
        let result = try JSONValue.parse(answer.body)["data"]?["result"]?.array ?? []
        let pairs = result.map { row in
            (row["metric"]?[label]?.string ?? "", Double(row["value"]?[1]?.string ?? "") ?? .nan)
        }
        return Dictionary(pairs) { $1 }
    }

    /// The labels of the series that an instant query gives.
    func rows(_ address: String, _ expression: String) async throws -> [[String: String]] {
        let answer = try await fetch(address + "/api/v1/query?query=" + encoded(expression))
        let result = try JSONValue.parse(answer.body)["data"]?["result"]?.array ?? []
        return result.map { row in
            let pairs = (row["metric"]?.members ?? []).map { ($0.key, $0.value.string ?? "") }
            return Dictionary(pairs) { $1 }
        }
    }

    /// The alerts that pend or fire: their states by name.
    func alerts(_ address: String) async throws -> [String: String] {
        let answer = try await fetch(address + "/api/v1/alerts")
        let alerts = try JSONValue.parse(answer.body)["data"]?["alerts"]?.array ?? []
        let pairs = alerts.map { alert in
            (alert["labels"]?["alertname"]?.string ?? "", alert["state"]?.string ?? "")
        }
        return Dictionary(pairs) { $1 }
    }

    /// Since when an alert's condition holds, as the API tells it; nil where it does not.
    func activeAt(_ address: String, _ name: String) async throws -> String? {
        let answer = try await fetch(address + "/api/v1/alerts")
        let alerts = try JSONValue.parse(answer.body)["data"]?["alerts"]?.array ?? []
        return alerts.first { $0["labels"]?["alertname"]?.string == name }?["activeAt"]?.string
    }

    /// A text as it stands in a query.
    func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte & 0xDF)
            let digits = String(byte, radix: 16)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
        }.joined()
    }
}

/// Asks until something holds, for at most some seconds; whether it came to hold.
func eventually(
    within seconds: Int = 20,
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while try await !condition() {
        guard ContinuousClock.now < end else { return false }
        try await Task.sleep(for: .milliseconds(50))
    }
    return true
}
