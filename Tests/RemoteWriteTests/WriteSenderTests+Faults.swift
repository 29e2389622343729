// SPDX-License-Identifier: Apache-2.0
// Nightjar
import HTTPServer
import Locking
import Samples
import Storage
import TestSupport
import Testing

@testable import RemoteWrite

/// Receivers that hang, send elsewhere, ask for time or change with the configuration.
extension WriteSenderTests {
    @Test func `a receiver that hangs is given up at the deadline, and asked again`() async throws {
        let receiver = try RecordingReceiver { number in
            guard number < 2 else { return .text(204, "") }
            try? await Task.sleep(for: .seconds(3_600))
            return .text(500, "nobody hears that")
        }
        var options = options(receiver)
        options.timeout = .milliseconds(150)
        options.queue.maxShards = 1
        let store = try await openStore()
        let sender = try await sender(options, store)
        await fill(store, 0..<20)
        try await run(sender) { metric("samples_sent_total") == 20 }
        #expect(receiver.values["__name__=m,s=0"] == (0..<20).map(Double.init))
        #expect(metric("requests_total", "outcome", "timeout") == 2)
        await receiver.stop()
    }

    @Test(arguments: ["", "HTTP/1.1 204 No", "HTTP/1.1 banana\r\n\r\n"])
    func `an answer that breaks off or is none counts as a failure`(_ answer: String) async throws {
        let broken = Lock(true)
        let canned = CannedServer { _ in
            broken.withLock { $0 } ? .raw(answer) : .body(204, "")
        }
        var options = RemoteWriteOptions(name: "far", url: canned.url)
        options.queue.batchSendDeadline = .milliseconds(1)
        options.queue.minBackoff = .milliseconds(1)
        options.metadataInterval = nil
        let store = try await openStore()
        let sender = try await sender(options, store)
        await fill(store, 0..<5)
        let task = Task { await sender.run(clock: FastClock()) }
        for _ in 0..<2_000 {
            if (metric("samples_retried_total") ?? 0) >= 10 { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(metric("samples_sent_total") == 0)
        broken.withLock { $0 = false }
        for _ in 0..<2_000 {
            if metric("samples_sent_total") == 5 { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        task.cancel()
        await task.value
        #expect(metric("samples_sent_total") == 5)
        #expect(metric("samples_dropped_total", "reason", "refused") == 0)
    }

    @Test(arguments: [301, 302, 307, 308])
    func `a redirect is followed with the samples, or refused where it is not to be`(
        _ status: Int
    ) async throws {
        let receiver = try RecordingReceiver { number in
            guard number % 2 == 0 else { return .text(204, "") }
            var response = HTTPResponse.text(status, "there")
            response.headers.append(HTTPField("Location", "/other"))
            return response
        }
        var options = options(receiver)
        options.maxRedirects = 10
        let store = try await openStore()
        let follower = try await sender(options, store)
        await fill(store, 0..<3)
        try await run(follower) { metric("samples_sent_total") == 3 }
        #expect(receiver.all.map(\.request.method) == ["POST", "POST"])
        #expect(receiver.all.map(\.request.path) == ["/write", "/other"])
        #expect(receiver.values["__name__=m,s=0"] == [0, 1, 2])

        options.maxRedirects = 0
        let other = try await sender(options, store)
        await fill(store, 3..<5)
        try await run(other) { metric("samples_dropped_total", "reason", "refused") == 2 }
        #expect(receiver.all.count == 3)
        await receiver.stop()
    }

    @Test func `a date in Retry-After is waited for, by the answer's clock or ours`() async throws {
        let receiver = try RecordingReceiver { number in
            guard number == 0 else { return .text(204, "") }
            var response = HTTPResponse.text(429, "later")
            // Ten seconds after the sender's moment, and no date of the answer's own.
            response.headers.append(HTTPField("Retry-After", "Tue, 14 Nov 2023 22:13:30 GMT"))
            return response
        }
        var options = options(receiver)
        options.queue.maxShards = 1
        let store = try await openStore()
        let sender = try await sender(options, store)
        await fill(store, 0..<3)
        try await run(sender) { metric("samples_sent_total") == 3 }
        #expect(receiver.all.map(\.status) == [429, 204])
        await receiver.stop()
    }

    @Test func `another URL and other shards go on where the last ones ended`() async throws {
        let down = try RecordingReceiver { $0 < 3 ? .text(204, "") : .text(503, "") }
        var first = options(down)
        first.queue.maxShards = 4
        first.queue.maxSamplesPerSend = 7
        let store = try await openStore()
        let before = try await sender(first, store)
        await fill(store, 0..<30, series: 5)
        try await run(before) { down.all.count >= 12 }

        let up = try RecordingReceiver()
        var second = options(up)
        second.queue.maxShards = 3
        second.queue.maxSamplesPerSend = 11
        let after = try await sender(second, store)
        await fill(store, 30..<40, series: 5)
        try await run(after) {
            up.values.count == 5 && up.values.values.allSatisfy { $0.last == 39 }
        }
        for series in 0..<5 {
            let name = "__name__=m,s=\(series)"
            let arrived = up.values[name] ?? []
            #expect(arrived == arrived.sorted())
            let all = Set((down.values[name] ?? []) + arrived)
            #expect(all == Set((0..<40).map(Double.init)))
        }
        await down.stop()
        await up.stop()
    }

    @Test func `a receiver that fails at random gets each series whole and in order`() async throws
    {
        let choice = Lock(SystemRandomNumberGenerator())
        let receiver = try RecordingReceiver { _ in
            let number = choice.withLock { Int.random(in: 0..<10, using: &$0) }
            if number == 0 { try? await Task.sleep(for: .milliseconds(300)) }
            return number < 4 ? .text([429, 500, 503, 502][number], "") : .text(204, "")
        }
        var options = options(receiver)
        options.timeout = .milliseconds(200)
        options.queue.maxShards = 5
        options.queue.maxSamplesPerSend = 13
        let store = try await openStore()
        let sender = try await sender(options, store)
        await fill(store, 0..<60, series: 12)
        try await run(sender) { metric("samples_sent_total") == 720 }
        for (name, values) in receiver.values {
            // What came after the sender had given up comes again, and never what was before it.
            let steps = zip(values, values.dropFirst())
            #expect(Set(values) == Set((0..<60).map(Double.init)), "\(name)")
            #expect(steps.allSatisfy { $1 <= $0 + 1 }, "\(name): \(values)")
        }
        #expect(receiver.values.count == 12)
        await receiver.stop()
    }
}
