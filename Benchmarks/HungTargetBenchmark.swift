// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Glibc
internal import HTTPServer

extension Benchmark {
    /// What the others feel of a target that accepts connections and never answers.
    static let hungTarget = Benchmark(name: "hung-target") { report in
        let hung = try SilentListener()
        let page = (0..<1_000).map { "requests_total{path=\"\($0)\"} \($0)\n" }.joined()
        let service = try HTTPServer(host: "127.0.0.1", port: 0) { _ in .text(200, page) }
        try await withDirectory { directory in
            _ = try ChildProcess.run(["mkdir", "-p", directory])
            let daemon = try await Peer.nightjar(
                data: directory,
                configuration: configuration(hung: hung.port, healthy: service.port)
            )
            defer { daemon.stop() }
            // Some rounds of both, the hung one failing by its timeout each time.
            try await Task.sleep(for: .seconds(8))
            try await measure(daemon, report)
        }
        await service.stop(grace: .zero)
    }

    private static func configuration(hung: UInt16, healthy: Int) -> String {
        """
        global: {poll_interval: 1s, poll_timeout: 1s, scrape_interval: 1s, scrape_timeout: 1s}
        redis: [{name: hung, address: "redis://127.0.0.1:\(hung)/0"}]
        scrape_configs:
          - {job_name: healthy, static_configs: [{targets: ["127.0.0.1:\(healthy)"]}]}

        """
    }

    private static func measure(_ daemon: Peer, _ report: Report) async throws {
        var times: [Double] = []
        var bytes = 0
        for _ in 0..<1_000 {
            let (body, seconds) = try await daemon.timed("/metrics")
            times.append(seconds * 1_000)
            bytes = body.count
        }
        times.sort()
        let page = String(decoding: try await daemon.answer("/metrics"), as: UTF8.self)
        func value(_ name: String, _ kind: String) -> Double {
            let line = page.split(separator: "\n").first {
                $0.hasPrefix(name + "{") && $0.contains("kind=\"\(kind)\"")
            }
            return line.flatMap { Double($0.split(separator: " ").last ?? "") } ?? 0
        }
        guard value("nightjar_source_up", "redis") == 0, value("nightjar_source_up", "scrape") == 1
        else { throw BenchmarkError("the one target is not hung, or the other not healthy") }
        report.told("/metrics, one target hung: size", Double(bytes) / 1_000, unit: "kB")
        report.told("/metrics, one target hung: p50", times[500], unit: "ms")
        report.atMost("/metrics, one target hung: p99 of 1,000", times[990], 50, unit: "ms")
        let skipped = value("nightjar_source_polls_skipped_total", "scrape")
        report.atMost("polls skipped by the healthy target", skipped, 0)
        let memory = try await daemon.metric("process_resident_memory_bytes") ?? .nan
        report.told("resident memory of the daemon", memory / 1e6, unit: "MB")
    }
}

/// A port of loopback that takes connections and says nothing.
private final class SilentListener {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        port = freeLoopbackPort()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size)
            }
        }
        guard code == 0, listen(descriptor, 8) == 0 else {
            throw BenchmarkError("no port for the hung target")
        }
    }

    deinit { close(descriptor) }
}
