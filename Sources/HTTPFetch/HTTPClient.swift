// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Secrets
internal import Synchronization

/// Sends requests by libcurl; connections are kept and shared by all who use one client.
///
/// All transfers run on one thread of the client's own, which ends with the client.
public final class HTTPClient: Sendable {
    private let engine: CurlEngine
    private let nextID = Atomic<UInt64>(1)

    /// Makes a client and starts its thread.
    public init() {
        let engine = CurlEngine()
        self.engine = engine
        BlockingQueue(label: "http").start { engine.run() }
    }

    deinit { engine.post(.stop) }

    /// Sends a request and returns the answer, whatever its status.
    ///
    /// - Throws: `HTTPFetchError`; `.timeout` at the deadline, `.cancelled` when the task is
    ///   cancelled, and either ends the transfer.
    public func send(
        _ request: HTTPFetchRequest,
        before deadline: ContinuousClock.Instant
    ) async throws(HTTPFetchError) -> HTTPFetchResponse {
        let id = nextID.wrappingAdd(1, ordering: .relaxed).oldValue
        let outcome = Outcome<HTTPFetchResponse>()
        engine.post(.start(Transfer(id, request, deadline, outcome)))
        do {
            return try await outcome.value()
        } catch let error as HTTPFetchError {
            throw error
        } catch {
            engine.post(.cancel(id))
            throw HTTPFetchError(.cancelled, "\(redacted(url: request.url)): cancelled")
        }
    }
}
