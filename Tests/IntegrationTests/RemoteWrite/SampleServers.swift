// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import Glibc
import HTTPFetch
import SourceText
import TestSupport

/// Samples by series, as another engine tells them: name and labels to times and values.
typealias StoredSamples = [String: [StoredSample]]

/// One sample; values are equal within 1e-14, as VictoriaMetrics keeps decimal digits.
struct StoredSample: Equatable {
    let milliseconds: Int64
    let value: Double

    static func == (a: StoredSample, b: StoredSample) -> Bool {
        a.milliseconds == b.milliseconds
            && (a.value == b.value || (a.value.isNaN && b.value.isNaN)
                || (a.value - b.value).magnitude <= 1e-14 * a.value.magnitude)
    }
}

/// A real Prometheus, started as another user in a directory of its own.
final class RealPrometheus: Sendable {
    static let isInstalled = unsafe access("/usr/bin/prometheus", X_OK) == 0

    let port = freePort()
    private let directory = TemporaryDirectory()
    private let process: ServerProcess

    var url: String { "http://127.0.0.1:\(port)" }

    /// Starts it and waits until it is ready.
    init(_ configuration: String = "global: {}\n") async throws {
        let file = directory.file("prometheus.yml")
        try write(Array(configuration.utf8), toFile: file)
        process = try ServerProcess(
            [
                "/usr/bin/prometheus", "--config.file=" + file,
                "--storage.tsdb.path=" + directory.file("data"),
                "--web.listen-address=127.0.0.1:\(port)", "--web.enable-remote-write-receiver",
            ],
            logFile: directory.file("log"),
            user: "daemon"
        )
        let http = HTTPClient()
        let ready = url + "/-/ready"
        _ = try await eventually {
            let answer = try? await http.send(
                HTTPFetchRequest(url: ready),
                before: .now + .seconds(1)
            )
            return answer?.isSuccess ?? false
        }
    }

    deinit { process.stop() }
}

/// A real VictoriaMetrics, started as another user in a directory of its own.
final class RealVictoriaMetrics: Sendable {
    static let isInstalled = unsafe access("/usr/bin/victoria-metrics", X_OK) == 0

    let port = freePort()
    private let directory = TemporaryDirectory()
    private let process: ServerProcess

    var url: String { "http://127.0.0.1:\(port)" }

    /// Starts it and waits until it answers.
    init() async throws {
        process = try ServerProcess(
            [
                "/usr/bin/victoria-metrics", "-storageDataPath=" + directory.file("data"),
                "-httpListenAddr=127.0.0.1:\(port)", "-retentionPeriod=1d",
            ],
            logFile: directory.file("log"),
            user: "daemon"
        )
        let port = port
        _ = try await eventually { canConnect(port: port) }
    }

    deinit { process.stop() }
}

/// A real vmagent, which scrapes and sends to several engines, started as another user.
final class RealVMAgent: Sendable {
    static let isInstalled = unsafe access("/usr/bin/vmagent", X_OK) == 0

    private let directory = TemporaryDirectory()
    private let process: ServerProcess

    /// Starts it; `urls` are where it sends to.
    init(_ configuration: String, sendingTo urls: [String]) throws {
        let file = directory.file("scrape.yml")
        try write(Array(configuration.utf8), toFile: file)
        process = try ServerProcess(
            [
                "/usr/bin/vmagent", "-promscrape.config=" + file,
                "-remoteWrite.tmpDataPath=" + directory.file("queue"),
                "-httpListenAddr=127.0.0.1:\(freePort())", "-remoteWrite.flushInterval=200ms",
                // As its own guide has it for receivers that want samples in order.
                "-remoteWrite.queues=1",
            ] + urls.map { "-remoteWrite.url=" + $0 },
            logFile: directory.file("log"),
            user: "daemon"
        )
    }

    deinit { process.stop() }
}

extension Deployment {
    /// The samples of a selector over the last minute up to `time`, by Prometheus' API.
    func samples(
        _ address: String,
        _ selector: String,
        at time: Double
    ) async throws -> StoredSamples {
        let query = "query=\(encoded(selector + "[1m]"))&time=\(time)"
        let answer = try await fetch(address + "/api/v1/query?" + query)
        var result: StoredSamples = [:]
        for row in try JSONValue.parse(answer.body)["data"]?["result"]?.array ?? [] {
            result[seriesName(row)] = (row["values"]?.array ?? []).map { pair in
                let seconds = pair[0]?.number ?? .nan
                return StoredSample(
                    milliseconds: Int64((seconds * 1_000).rounded()),
                    value: Double(pair[1]?.string ?? "") ?? .nan
                )
            }
        }
        return result
    }

    /// The same by VictoriaMetrics' export, which tells the samples as they are stored.
    func exported(
        _ address: String,
        _ selector: String,
        at time: Double
    ) async throws -> StoredSamples {
        _ = try await fetch(address + "/internal/force_flush")
        let range = "match[]=\(encoded(selector))&start=\(time - 60)&end=\(time)"
        let answer = try await fetch(address + "/api/v1/export?" + range)
        var result: StoredSamples = [:]
        for line in String(decoding: answer.body, as: UTF8.self).split(separator: "\n") {
            let row = try JSONValue.parse(String(line))
            let times = (row["timestamps"]?.array ?? []).compactMap(\.number)
            let values = (row["values"]?.array ?? []).map { value in
                value.number ?? Double(value.string ?? "") ?? .nan
            }
            result[seriesName(row), default: []] += zip(times, values).map {
                StoredSample(milliseconds: Int64($0), value: $1)
            }
        }
        return result
    }

    private func seriesName(_ row: JSONValue) -> String {
        (row["metric"]?.members ?? []).map { "\($0.key)=\($0.value.string ?? "")" }.sorted()
            .joined(separator: ",")
    }
}

/// What is not the same in both, of the first series that differs.
func difference(_ a: StoredSamples, _ b: StoredSamples) -> String {
    for name in Set(a.keys).union(b.keys).sorted() where a[name] != b[name] {
        let (x, y) = (a[name] ?? [], b[name] ?? [])
        return "\(name): of \(x.count) only stored \(x.filter { !y.contains($0) }),"
            + " of \(y.count) only received \(y.filter { !x.contains($0) }),"
            + " between \(x.first?.milliseconds ?? 0) and \(x.last?.milliseconds ?? 0)"
    }
    return "nothing"
}
