// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import HTTPServer
internal import RemoteWrite
internal import Samples
internal import Synchronization

/// What a sample costs that comes by remote write, and one that goes on to the next engine by it.
///
/// Both servers get the same packed requests of the real mix: first where they keep what comes, then
/// where they also send it to a receiver that throws it away. The difference is what sending costs.
extension Benchmark {
    static let remoteWrite = Benchmark(name: "remote-write") { report in
        let requests = WriteLoad()
        var received: [String: Double] = [:]
        var sent: [String: Double] = [:]
        for isSending in [false, true] {
            for name in ["prometheus", "nightjar"] {
                let cost = try await measure(name, requests, isSending: isSending)
                let figure = "\(name): CPU a sample received\(isSending ? " and sent" : "")"
                report.told(figure, cost.micros, unit: "us")
                if isSending {
                    sent[name] = cost.micros
                } else {
                    received[name] = cost.micros
                    report.told("\(name): samples received a second", cost.samplesPerSecond)
                }
            }
        }
        guard let ours = received["nightjar"], let theirs = received["prometheus"],
            let ourSum = sent["nightjar"], let theirSum = sent["prometheus"]
        else { return }
        report.told("nightjar: CPU a sample sent", ourSum - ours, unit: "us")
        report.told("prometheus: CPU a sample sent", theirSum - theirs, unit: "us")
        report.atMost("remote write: receiving, CPU to Prometheus", ours / theirs, 0.5)
        let ratio = (ourSum - ours) / (theirSum - theirs)
        report.atMost("remote write: sending, CPU to Prometheus", ratio, 1)
    }
}

/// The requests of several senders, each of which has series of its own.
private struct WriteLoad {
    static let seriesPerSender = 2_500
    static let senders = 4
    static let rounds = 80

    /// Of each sender its requests in order, of a sample a series each.
    let bodies: [[[UInt8]]]
    var sampleCount: Int { Self.seriesPerSender * Self.senders * Self.rounds }

    init() {
        var mix = RealMix(series: Self.seriesPerSender * Self.senders)
        let labels = mix.labels.map { set in
            RemoteWriteBody.encode(set.pairs.map { ($0.name, $0.value) })
        }
        // Ahead of the clock: Prometheus sends nothing that is older than its start.
        let start = wallClockMilliseconds() + 60_000
        var bodies: [[[UInt8]]] = Array(repeating: [], count: Self.senders)
        for round in 0..<Self.rounds {
            let time = start + Int64(round) * 5_000
            for sender in bodies.indices {
                var body = RemoteWriteBody()
                for place in sender * Self.seriesPerSender..<(sender + 1) * Self.seriesPerSender {
                    body.add(encoded: labels[place], [(time, mix.values[place])])
                }
                bodies[sender].append(body.packed)
            }
            mix.step()
        }
        self.bodies = bodies
    }
}

private struct WriteCost {
    var micros: Double
    var samplesPerSecond: Double
}

/// The load on a new server; the first round, which makes the series, does not count.
private func measure(
    _ name: String,
    _ load: WriteLoad,
    isSending: Bool
) async throws -> WriteCost {
    try await withDirectory { path in
        try ChildProcess.run(["mkdir", "-p", path])
        let sink = try SampleSink()
        let remote = "remote_write: [{url: \"\(sink.url)\", name: sink}]\n"
        let configuration = isSending ? remote : ""
        let peer =
            name == "nightjar"
            ? try await Peer.nightjar(data: path, configuration: configuration)
            : try await Peer.prometheus(data: path, configuration: configuration)
        defer { peer.stop() }
        try await send(load, rounds: 0..<1, to: peer)
        let start = try peer.processorSeconds
        let begin = ContinuousClock.now
        try await send(load, rounds: 1..<WriteLoad.rounds, to: peer)
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        if isSending { try await sink.wait(for: load.sampleCount) }
        // What is still to be written to disk counts too.
        try await Task.sleep(for: .seconds(3))
        let end = try peer.processorSeconds
        await sink.stop()
        let count = Double(load.sampleCount) * (1 - 1 / Double(WriteLoad.rounds))
        return WriteCost(micros: (end - start) / count * 1e6, samplesPerSecond: count / seconds)
    }
}

private func send(_ load: WriteLoad, rounds: Range<Int>, to peer: Peer) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for bodies in load.bodies {
            group.addTask {
                for body in bodies[rounds] {
                    _ = try await peer.answer("/api/v1/write", body: body)
                }
            }
        }
        try await group.waitForAll()
    }
}

/// A receiver that counts samples and throws them away.
private final class SampleSink: Sendable {
    private let server: HTTPServer
    private let count: SampleCount

    private final class SampleCount: Sendable {
        let value = Atomic(0)
    }

    init() throws {
        let count = SampleCount()
        self.count = count
        server = try HTTPServer(host: "127.0.0.1", port: 0) { request in
            let message = (try? Snappy.uncompress(request.body, limit: 1 << 26)) ?? []
            count.value.add(RemoteWriteBody.sampleCount(in: message), ordering: .relaxed)
            return HTTPResponse(204, body: .bytes([]))
        }
    }

    var url: String { "http://127.0.0.1:\(server.port)/api/v1/write" }

    func wait(for expected: Int) async throws {
        for _ in 0..<1_200 {
            if count.value.load(ordering: .relaxed) >= expected { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        let seen = count.value.load(ordering: .relaxed)
        throw BenchmarkError("only \(seen) of \(expected) samples were sent on")
    }

    func stop() async { await server.stop(grace: .zero) }
}
