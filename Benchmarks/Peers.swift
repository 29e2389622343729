// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Glibc
internal import HTTPFetch

/// A server under measurement, another process on loopback.
final class Peer: Sendable {
    let name: String
    let port: UInt16
    private let process: ChildProcess
    private let client = HTTPClient()

    private init(_ name: String, port: UInt16, _ words: [String], log: String) throws {
        self.name = name
        self.port = port
        process = try ChildProcess(words, logFile: log)
    }

    /// Starts the installed Prometheus over a directory of its own.
    static func prometheus(
        data: String,
        configuration: String = "",
        arguments: [String] = []
    ) async throws -> Peer {
        let port = freeLoopbackPort()
        let file = data + "/prometheus.yml"
        try writeText(configuration, to: file)
        let words = [
            "prometheus", "--config.file=\(file)", "--storage.tsdb.path=\(data)/tsdb",
            "--web.listen-address=127.0.0.1:\(port)", "--web.enable-remote-write-receiver",
            "--storage.tsdb.retention.time=10y", "--query.timeout=5m", "--log.level=warn",
        ]
        let log = data + "/prometheus.log"
        let peer = try Peer("prometheus", port: port, words + arguments, log: log)
        try await peer.waitUntilReady("/-/ready")
        return peer
    }

    /// Starts the daemon that was built beside this program over a directory of its own.
    static func nightjar(data: String, configuration: String = "") async throws -> Peer {
        let port = freeLoopbackPort()
        let file = data + "/nightjar.yml"
        let fixed = """
            web: {listen: "127.0.0.1:\(port)"}
            storage: {path: ., retention: 3650d}

            """
        try writeText(fixed + configuration, to: file)
        let folder = CommandLine.arguments[0].split(
            separator: "/",
            omittingEmptySubsequences: false
        )
        let program = (folder.dropLast() + ["nightjar"]).joined(separator: "/")
        let words = [program, "run", "--config", file]
        let peer = try Peer("nightjar", port: port, words, log: data + "/nightjar.log")
        try await peer.waitUntilReady("/-/ready")
        return peer
    }

    /// Seconds of CPU that the process has used, in all its threads.
    var processorSeconds: Double {
        get throws {
            let line = String(
                decoding: try contents(ofFile: "/proc/\(process.id)/stat"),
                as: UTF8.self
            )
            // The name may have spaces; after it, user and system time are the 12th and 13th field.
            let fields = line.split(separator: ")").last?.split(separator: " ") ?? []
            guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
            else { throw BenchmarkError("\(name) has no times") }
            return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
    }

    /// Ends the process and waits for that.
    func stop() { process.stop() }

    /// Gets a path, or posts a body to it, and returns the answer's bytes.
    func answer(_ path: String, body: [UInt8]? = nil) async throws -> [UInt8] {
        var request = HTTPFetchRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.maxBodyBytes = 1 << 30
        request.acceptsCompression = false
        if let body {
            request.method = "POST"
            request.body = body
            request.headers = [
                HTTPHeader("Content-Type", "application/x-protobuf"),
                HTTPHeader("Content-Encoding", "snappy"),
                HTTPHeader("X-Prometheus-Remote-Write-Version", "0.1.0"),
            ]
        }
        let response = try await client.send(request, before: .now + .seconds(300))
        guard response.isSuccess else {
            throw BenchmarkError("\(name) answers \(response.status) to \(path): \(response.text)")
        }
        return response.body
    }

    /// Gets a path and tells how long that took, from the request to the last byte.
    func timed(_ path: String) async throws -> (body: [UInt8], seconds: Double) {
        let start = ContinuousClock.now
        let body = try await answer(path)
        return (body, (ContinuousClock.now - start) / .seconds(1))
    }

    /// Seconds of CPU that the server has used.
    var cpuSeconds: Double { processSeconds(of: process.id) }

    /// Bytes of the server in memory, its program and libraries included.
    var residentBytes: Int { resident(of: "\(process.id)") }

    /// The value of a metric without labels, or with exactly these, on the server's own page.
    func metric(_ series: String) async throws -> Double? {
        let page = String(decoding: try await answer("/metrics"), as: UTF8.self)
        for line in page.split(separator: "\n") where line.hasPrefix(series + " ") {
            return Double(line.dropFirst(series.count + 1))
        }
        return nil
    }

    private func waitUntilReady(_ path: String) async throws {
        for _ in 0..<600 {
            if isAccepting(loopbackPort: port), (try? await answer(path)) != nil { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        stop()
        throw BenchmarkError("\(name) does not get ready")
    }
}

/// Writes a text as a file.
func writeText(_ text: String, to path: String) throws { try write(Array(text.utf8), toFile: path) }
