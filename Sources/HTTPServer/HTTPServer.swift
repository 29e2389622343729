// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CMicrohttpd
internal import Dispatch
internal import Glibc
internal import Locking
internal import Synchronization

/// Hands HTTP requests to an async handler, within limits.
///
/// One event thread takes requests and sends bytes; every answer but an immediate one is made in a
/// task while the connection is suspended. A client that went away cancels its task within 200 ms.
/// A server lives until `stop`.
///
/// Source: libmicrohttpd 0.9.75, `MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME`.
public final class HTTPServer: Sendable {
    /// Makes the answer to a request, in a task.
    public typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse
    /// Makes a ready answer on the event thread, where nothing may block; nil leaves it to the task.
    public typealias Immediate = @Sendable (HTTPRequest) -> HTTPResponse?
    /// Says where a request's task runs; nil is the cooperative pool.
    ///
    /// To begin there costs nothing, where a task that goes over and back wakes two threads more.
    public typealias Placement = @Sendable (HTTPRequest) -> (any TaskExecutor)?
    /// Is told what the server ended on its own, on a thread where nothing may block.
    public typealias Noticed = @Sendable (HTTPIncident) -> Void

    /// Dispatch sources may be used from any thread, though they are not declared Sendable.
    private struct Running: @unchecked Sendable {
        var daemon: UInt = 0
        var sweeper: (any DispatchSourceTimer)?
        /// The library's callbacks know the server by its address only.
        var server: HTTPServer?
    }

    /// How often the sweep looks for clients that are gone or late.
    private static let sweepInterval = 200

    /// The port it listens on; 0 on a Unix socket.
    public let port: Int
    let options: HTTPServerOptions
    let handler: Handler
    let immediate: Immediate?
    let placement: Placement?
    let noticed: Noticed?
    private let credentials: Lock<TLSCredentials?>
    let connections = Lock<[ObjectIdentifier: Connection]>([:])
    private let active = Atomic<Int>(0)
    private let bodies = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)
    private let running = Lock(Running())

    /// Listens and serves; a host that begins with `/` is a Unix socket's path, port 0 a free port.
    ///
    /// - Throws: `HTTPServerError`.
    public init(
        host: String,
        port: Int,
        options: HTTPServerOptions = .standard,
        immediate: Immediate? = nil,
        placement: Placement? = nil,
        noticed: Noticed? = nil,
        handler: @escaping Handler
    ) throws(HTTPServerError) {
        self.options = options
        self.handler = handler
        self.immediate = immediate
        self.placement = placement
        self.noticed = noticed
        var loaded: TLSCredentials?
        if let tls = options.tls { loaded = try TLSCredentials(tls) }
        credentials = Lock(loaded)
        let descriptor =
            host.hasPrefix("/") ? try ListenSocket.unix(host) : try ListenSocket.tcp(host, port)
        self.port = ListenSocket.port(of: descriptor)
        guard let daemon = unsafe startDaemon(on: descriptor) else {
            close(descriptor)
            throw HTTPServerError(
                "start the HTTP server on \(host):\(port): refused by the library"
            )
        }
        let sweeper = DispatchSource.makeTimerSource(queue: .global(qos: .userInitiated))
        let interval = DispatchTimeInterval.milliseconds(Self.sweepInterval)
        sweeper.schedule(deadline: .now() + interval, repeating: interval)
        sweeper.setEventHandler { @Sendable [weak self] in self?.sweep() }
        let address = UInt(bitPattern: daemon)
        let started = Running(daemon: address, sweeper: sweeper, server: self)
        running.withLock { $0 = started }
        sweeper.activate()
    }

    /// How many connections are open.
    public var openConnections: Int { connections.withLock { $0.count } }

    /// How many requests are between the end of their header and the end of their answer.
    public var activeRequests: Int { active.load(ordering: .relaxed) }

    /// Gives new connections another certificate; the running ones keep what they began with.
    public func reload(_ new: TLSCredentials) { credentials.withLock { $0 = new } }

    /// Stops accepting, lets what runs end within `grace`, cancels the rest, and ends the threads.
    ///
    /// It is not cut short by cancellation. A second call returns at once.
    public func stop(grace: Duration) async {
        let address = running.withLock { $0.daemon }
        guard let daemon = unsafe OpaquePointer(bitPattern: address),
            !draining.exchange(true, ordering: .relaxed)
        else { return }
        let descriptor = unsafe MHD_quiesce_daemon(daemon)
        // Else the kernel goes on filling the backlog, and those clients get a reset later.
        if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
        await drain(until: .now + grace)
        for connection in connections.withLock({ Array($0.values) }) {
            connection.exchange?.abandon()
        }
        await drain(until: .now + .seconds(1))
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            // Joins threads, so it is not for the cooperative pool.
            DispatchQueue.global().async {
                if let daemon = unsafe OpaquePointer(bitPattern: address) {
                    unsafe MHD_stop_daemon(daemon)
                }
                if descriptor >= 0 { close(descriptor) }
                self.running.withLock { running in
                    running.sweeper?.cancel()
                    running = Running()
                }
                done.resume()
            }
        }
    }

    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func requestBegan() { active.add(1, ordering: .relaxed) }

    func requestEnded() { active.subtract(1, ordering: .relaxed) }

    /// Takes memory for a body; false where there is none left.
    func takeBodyMemory(_ count: Int) -> Bool {
        let (_, total) = bodies.add(count, ordering: .relaxed)
        guard total > options.bodyMemory else { return true }
        giveBodyMemory(count)
        return false
    }

    func giveBodyMemory(_ count: Int) { bodies.subtract(count, ordering: .relaxed) }

    func connected(_ handle: OpaquePointer) -> Connection {
        let connection = unsafe Connection(
            handle,
            credentials: credentials.withLock { $0 },
            limits: options
        )
        connections.withLock { $0[ObjectIdentifier(connection)] = connection }
        return connection
    }

    func disconnected(_ connection: Connection) {
        connections.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(connection)) }
    }

    /// Waits until no request is active; by Dispatch, because the caller may be cancelled already.
    private func drain(until end: ContinuousClock.Instant) async {
        while activeRequests > 0, ContinuousClock.now < end {
            await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(10)) {
                    done.resume()
                }
            }
        }
    }
}
