// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CMicrohttpd
internal import Locking

/// One request and its answer: made when the request line is read, released by `completed`.
///
/// The connection is suspended while a task makes the answer; whoever sets `suspended` back to 0
/// under the lock resumes it, so that happens exactly once.
final class Exchange: Sendable {
    private enum Stage {
        case head
        case body
        case running
        case answering
        case done
    }

    private struct State {
        var stage = Stage.head
        var request: HTTPRequest?
        var body: [UInt8] = []
        var isTooLarge = false
        /// The suspended connection's address, or 0.
        var suspended: UInt = 0
        var task: Task<Void, Never>?
        var response: HTTPResponse?
        var writer: BodyWriter?
        var connection: Connection?
        var isCounted = false
    }

    private let server: HTTPServer
    private let target: String
    private let state = Lock(State())

    init(_ server: HTTPServer, target: String) {
        self.server = server
        self.target = target
    }

    /// Whether the connection is suspended, which the library does not watch.
    var isWaiting: Bool {
        state.withLock { $0.suspended != 0 || $0.writer?.isSuspended == true }
    }

    /// The library's access callback, always on the connection's event thread.
    ///
    /// It comes for the header, for each piece of the body, for the body's end, and again after the
    /// connection is resumed.
    func step(
        _ handle: OpaquePointer,
        method: String,
        data: UnsafeRawBufferPointer
    ) -> MHD_Result {
        switch state.withLock({ $0.stage }) {
        case .head:
            return unsafe begin(handle, method)
        case .body where data.count > 0:
            unsafe keep(data)
            return .YES
        case .body:
            return unsafe endOfBody(handle)
        case .running:
            let response = state.withLock { state in state.response.take() }
            guard let response else { return .NO }
            return unsafe answer(handle, response)
        case .answering, .done:
            return .NO
        }
    }

    private func begin(_ handle: OpaquePointer, _ method: String) -> MHD_Result {
        guard let context = unsafe nj_http_socket_context(handle) else { return .NO }
        let connection = unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
        var request = HTTPRequest(
            method: method,
            target: target,
            headers: unsafe headers(of: handle),
            remoteAddress: connection.address
        )
        if let session = unsafe nj_http_tls_session(handle) {
            request.clientName = unsafe clientName(of: session)
        }
        server.requestBegan()
        connection.enter(.body, self)
        state.withLock { state in
            state.stage = .body
            state.connection = connection
            state.isCounted = true
            state.request = request
        }
        guard request.framingHeaderCount <= 1 else {
            return unsafe answer(handle, .refusal(400, "ambiguous length\n"))
        }
        let announced = request.header("Content-Length").flatMap { Int($0) } ?? 0
        // Answered before "100 Continue", so that nothing is sent for naught.
        guard announced <= server.options.bodyLimit else {
            return unsafe answer(handle, .refusal(413, "body too large\n"))
        }
        return .YES
    }

    /// A body that is too large is read on and dropped, so that the client can read the 413.
    private func keep(_ data: UnsafeRawBufferPointer) {
        state.withLock { state in
            if state.isTooLarge || state.body.count + data.count > server.options.bodyLimit {
                state.isTooLarge = true
                state.body = []
            } else {
                unsafe state.body.append(contentsOf: data)
            }
        }
    }

    private func endOfBody(_ handle: OpaquePointer) -> MHD_Result {
        let (request, isTooLarge) = state.withLock { state in
            state.stage = .running
            var request = state.request.take()
            request?.body = state.body
            state.body = []
            return (request, state.isTooLarge)
        }
        guard let request else { return .NO }
        if isTooLarge { return unsafe answer(handle, .refusal(413, "body too large\n")) }
        if let ready = server.immediate?(request) { return unsafe answer(handle, ready) }
        unsafe start(handle, request)
        return .YES
    }

    /// Runs the handler in a task of its own.
    ///
    /// The task is unstructured because the library's thread, which begins it, cannot wait; it ends
    /// with the exchange: an answer, a client that went away, or the server's stop.
    private func start(_ handle: OpaquePointer, _ request: HTTPRequest) {
        unsafe MHD_suspend_connection(handle)
        let address = UInt(bitPattern: handle)
        state.withLock { state in
            state.suspended = address
            state.connection?.enter(.handling, self)
        }
        let task = Task(executorPreference: server.placement?(request)) { [server] in
            let response: HTTPResponse
            do {
                response = try await server.handler(request)
            } catch is CancellationError {
                response = .text(503, "cancelled\n")
            } catch {
                response = .text(500, "internal error\n")
            }
            self.finish(response)
        }
        let isOver = state.withLock { state in
            if state.suspended == 0 { return true }
            state.task = task
            return false
        }
        if isOver { task.cancel() }
    }

    private func finish(_ response: HTTPResponse) {
        let address: UInt = state.withLock { state in
            guard state.suspended != 0 else { return 0 }
            state.response = response
            state.task = nil
            defer { state.suspended = 0 }
            return state.suspended
        }
        resumeConnection(address)
    }

    /// Cancels the handler and lets go of the connection without waiting for it.
    ///
    /// For a client that is gone, and for the server's stop.
    func abandon() {
        let (task, writer) = state.withLock { ($0.task, $0.writer) }
        task?.cancel()
        finish(.text(503, "stopping\n"))
        writer?.end(failed: true)
    }

    private func answer(_ handle: OpaquePointer, _ response: HTTPResponse) -> MHD_Result {
        let made: OpaquePointer?
        switch response.body {
        case .bytes(let bytes): unsafe made = unsafe ResponseBuffer(bytes).makeResponse()
        case .buffer(let buffer): unsafe made = unsafe buffer.makeResponse()
        case .stream(let produce): unsafe made = unsafe stream(handle, produce)
        }
        guard let made = unsafe made else { return .NO }
        defer { unsafe MHD_destroy_response(made) }
        for field in response.headers
        where unsafe MHD_add_response_header(made, field.name, field.value) == .NO {
            return .NO
        }
        if server.isDraining {
            unsafe _ = MHD_add_response_header(made, "Connection", "close")
        }
        state.withLock { state in
            state.stage = .answering
            state.connection?.enter(.writing, self)
        }
        return unsafe MHD_queue_response(handle, UInt32(response.status), made)
    }

    /// Starts the producer of a stream in a task of its own, for the reason that `start` gives.
    private func stream(
        _ handle: OpaquePointer,
        _ produce: @escaping @Sendable (BodyWriter) async throws -> Void
    ) -> OpaquePointer? {
        let writer = BodyWriter()
        let task = Task {
            do {
                try await produce(writer)
                writer.end(failed: false)
            } catch {
                writer.end(failed: true)
            }
        }
        state.withLock { state in
            state.writer = writer
            state.task = task
        }
        return unsafe StreamSource(writer, handle).makeResponse()
    }

    /// The answer is out, or the connection broke.
    func completed() {
        let (task, writer, connection, isCounted) = state.withLock { state in
            defer {
                state.stage = .done
                state.connection = nil
            }
            return (state.task, state.writer, state.connection, state.isCounted)
        }
        writer?.end(failed: true)
        task?.cancel()
        connection?.enter(.idle, nil)
        if isCounted { server.requestEnded() }
    }
}

extension HTTPRequest {
    /// Two lengths, or a length with chunks, are how requests are smuggled past a proxy.
    fileprivate var framingHeaderCount: Int {
        headers.count { field in
            let name = field.name.lowercased()
            return name == "content-length" || name == "transfer-encoding"
        }
    }
}

extension HTTPResponse {
    /// An answer after which nothing that the client sends can be trusted to be a request.
    fileprivate static func refusal(_ status: Int, _ text: String) -> HTTPResponse {
        var response = HTTPResponse.text(status, text)
        response.headers.append(HTTPField("Connection", "close"))
        return response
    }
}
