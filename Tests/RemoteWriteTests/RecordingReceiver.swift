// SPDX-License-Identifier: Apache-2.0
// Nightjar
import HTTPServer
import Locking
import Samples

@testable import RemoteWrite

/// A receiver of remote write that keeps what it was sent and answers by script.
final class RecordingReceiver: Sendable {
    struct Arrival: Sendable {
        let request: HTTPRequest
        let status: Int
    }

    private let server: HTTPServer
    private let arrivals = Lock<[Arrival]>([])

    /// Starts it; `answer` gets the number of the request with samples, from 0.
    init(
        _ answer: @escaping @Sendable (Int) async -> HTTPResponse = { _ in .text(204, "") }
    ) throws {
        let arrivals = arrivals
        let count = Lock(0)
        server = try HTTPServer(host: "127.0.0.1", port: 0) { request in
            let number = count.withLock { count in
                defer { count += 1 }
                return count
            }
            let response = await answer(number)
            arrivals.withLock {
                $0.append(Arrival(request: request, status: response.status))
            }
            return response
        }
    }

    var url: String { "http://127.0.0.1:\(server.port)/write" }

    /// All that came, whatever the answer was.
    var all: [Arrival] { arrivals.withLock { $0 } }

    /// The messages that were taken, in order.
    var taken: [DecodedRequest] {
        all.filter { (200...299).contains($0.status) }.compactMap { Self.message($0.request) }
    }

    /// The values of each series that were taken, in the order that they came.
    var values: [String: [Double]] {
        var values: [String: [Double]] = [:]
        for series in taken.flatMap(\.series) {
            let name = series.labels.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            values[name, default: []] += series.samples.map(\.value)
        }
        return values
    }

    static func message(_ request: HTTPRequest) -> DecodedRequest? {
        (try? Snappy.uncompress(request.body, limit: 1 << 24)).flatMap { try? DecodedRequest($0) }
    }

    func stop() async { await server.stop(grace: .zero) }
}

/// A clock on which everything takes a fiftieth of its time.
struct FastClock: Clock {
    let base = ContinuousClock()
    var now: ContinuousClock.Instant { base.now }
    var minimumResolution: Duration { base.minimumResolution }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try await base.sleep(for: (deadline - now) / 50, tolerance: .zero)
    }
}
