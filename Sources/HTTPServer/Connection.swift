// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CMicrohttpd
internal import Glibc
internal import Locking

/// One connection, from accept to close; it carries what outlives a request.
final class Connection: Sendable {
    enum Phase {
        case header
        case body
        case handling
        case writing
        case idle
    }

    private struct State {
        var phase = Phase.header
        var since = ContinuousClock.now
        weak var exchange: Exchange?
        var isCut = false
        /// What is being sent; shared memory counts once.
        var answer: (id: ObjectIdentifier, count: Int)?
    }

    let descriptor: Int32
    let address: String
    /// Kept alive for as long as the session uses it, over reloads.
    private let credentials: TLSCredentials?
    private let limits: HTTPServerOptions
    private let state = Lock(State())

    init(_ handle: OpaquePointer, credentials: TLSCredentials?, limits: HTTPServerOptions) {
        descriptor = unsafe nj_http_connection_fd(handle)
        address = unsafe ListenSocket.text(of: nj_http_client_address(handle))
        self.limits = limits
        self.credentials = credentials
        if let credentials, let session = unsafe nj_http_tls_session(handle) {
            unsafe credentials.apply(to: session)
        }
    }

    func enter(_ phase: Phase, _ exchange: Exchange?) {
        state.withLock { state in
            state.phase = phase
            state.since = .now
            state.exchange = exchange
            state.answer = nil
        }
    }

    /// Notes which memory is being sent.
    func send(_ buffer: ResponseBuffer) {
        state.withLock { $0.answer = (ObjectIdentifier(buffer), buffer.count) }
    }

    /// What has been on its way to the client for a second, and since when; nil if nothing has.
    func unread(
        at now: ContinuousClock.Instant
    ) -> (id: ObjectIdentifier, count: Int, since: ContinuousClock.Instant)? {
        state.withLock { state in
            guard state.phase == .writing, now - state.since > .seconds(1), !state.isCut else {
                return nil
            }
            return state.answer.map { ($0.id, $0.count, state.since) }
        }
    }

    /// The request under way.
    var exchange: Exchange? { state.withLock { $0.exchange } }

    /// Whether the client closed its sending side or all of the connection.
    var hasHungUp: Bool {
        // POLLRDHUP, which the Glibc module lacks; POLLHUP and POLLERR come unasked.
        var entry = pollfd(fd: descriptor, events: 0x2000, revents: 0)
        return unsafe poll(&entry, 1, 0) > 0
    }

    /// Whether nothing has happened for a second.
    ///
    /// The library reads edge-triggered and may miss an end of input that came together with the
    /// last bytes.
    func isStale(at now: ContinuousClock.Instant) -> Bool {
        state.withLock { $0.phase != .writing && now - $0.since > .seconds(1) }
    }

    /// Whether the phase's deadline has passed, and what that is called; a handler has its own.
    ///
    /// Who has not asked for anything has less time where it is crowded.
    func lateness(
        at now: ContinuousClock.Instant,
        isCrowded: Bool
    ) -> (isLate: Bool, incident: HTTPIncident?) {
        let (phase, since) = state.withLock { ($0.phase, $0.since) }
        let (limit, incident): (Duration, HTTPIncident?) =
            switch phase {
            case .header: (limits.headerDeadline, .slowHeader)
            case .body: (limits.bodyDeadline, .slowBody)
            case .writing: (limits.writeDeadline, .slowReader)
            case .idle: (limits.idleTimeout + .seconds(5), nil)
            case .handling: (.seconds(Int64.max), nil)
            }
        let isAsking = phase == .header || phase == .idle
        let crowded = isCrowded && isAsking ? min(limit, limits.crowdedDeadline) : limit
        return (now - since > crowded, incident)
    }

    /// Ends the connection from outside: the event thread sees the end and closes it.
    ///
    /// Says whether it was not done before.
    func cut() -> Bool {
        shutdown(descriptor, Int32(SHUT_RDWR))
        return state.withLock { state in
            defer { state.isCut = true }
            return !state.isCut
        }
    }
}
