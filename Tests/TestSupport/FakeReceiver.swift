// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking

/// A stand-in for Slack, PagerDuty or any webhook: the real ones cannot be had in a test.
///
/// It listens on loopback, keeps what it was sent, and answers by script. What it proves is what we
/// send and how we take an answer, not what the vendors do.
public final class FakeReceiver: Sendable {
    /// What arrived.
    public struct Request: Sendable {
        /// The header fields, names in lower case.
        public let headers: [String: String]
        /// The path.
        public let path: String
        /// The body.
        public let body: String
        /// When, on the monotonic clock.
        public let time: ContinuousClock.Instant
    }

    private let server: CannedServer
    private let kept: Lock<[Request]>

    /// The address.
    public var url: String { server.url }
    /// All requests so far, in order.
    public var requests: [Request] { kept.withLock { $0 } }

    /// Starts a receiver; `answer` gets the number of the request, from 0, and the request.
    public init(_ answer: @escaping @Sendable (Int, Request) -> CannedServer.Answer) {
        let kept = Lock<[Request]>([])
        self.kept = kept
        server = CannedServer { text in
            let request = Request(text)
            let number = kept.withLock { requests in
                requests.append(request)
                return requests.count - 1
            }
            return answer(number, request)
        }
    }

    /// Starts a receiver that takes everything, with Slack's word for it.
    public convenience init() { self.init { _, _ in .body(200, "ok") } }

    /// Waits until so many requests came, for at most 20 seconds; whether they did.
    public func hasReceived(_ count: Int) async -> Bool {
        let end = ContinuousClock.now + .seconds(20)
        while requests.count < count {
            guard ContinuousClock.now < end else { return false }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return true
    }
}

extension FakeReceiver.Request {
    fileprivate init(_ text: String) {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        var headers: [String: String] = [:]
        let head = lines.prefix { !$0.isEmpty }
        for line in head.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        self.headers = headers
        let words = lines[0].split(separator: " ")
        path = words.count > 1 ? String(words[1]) : ""
        body = lines.dropFirst(head.count + 1).joined(separator: "\r\n")
        time = .now
    }
}
