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
        /// What of the server's memory for bodies this one has.
        var bodyMemory = 0
        /// Why the body is not kept; nil while it is.
        var refusal: HTTPResponse?
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
        guard !request.hasAmbiguousLength else {
            server.noticed?(.ambiguousLength)
            return unsafe answer(handle, .refusal(400, "ambiguous length\n"))
        }
        let announced = request.header("Content-Length").flatMap { Int($0) } ?? 0
        // Answered before "100 Continue", so that nothing is sent for naught.
        guard announced <= server.options.bodyLimit else {
            server.noticed?(.bodyTooLarge)
            return unsafe answer(handle, .refusal(413, "body too large\n"))
        }
        return .YES
    }

    /// A body that is too large is read on and dropped, so that the client can read the answer.
    private func keep(_ data: UnsafeRawBufferPointer) {
        state.withLock { state in
            guard state.refusal == nil else { return }
            if state.body.count + data.count > server.options.bodyLimit {
                state.refusal = .refusal(413, "body too large\n")
            } else if !server.takeBodyMemory(data.count) {
                state.refusal = .refusal(503, "too many bodies at once\n")
            } else {
                unsafe state.body.append(contentsOf: data)
                state.bodyMemory += data.count
                return
            }
            state.body = []
            server.giveBodyMemory(state.bodyMemory)
            state.bodyMemory = 0
        }
    }

    private func endOfBody(_ handle: OpaquePointer) -> MHD_Result {
        let (request, refusal) = state.withLock { state in
            state.stage = .running
            var request = state.request.take()
            request?.body = state.body
            state.body = []
            return (request, state.refusal)
        }
        guard let request else { return .NO }
        if let refusal {
            server.noticed?(.bodyTooLarge)
            return unsafe answer(handle, refusal)
        }
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
        var sent: ResponseBuffer?
        switch response.body {
        case .bytes(let bytes):
            let buffer = ResponseBuffer(bytes)
            sent = buffer
            unsafe made = unsafe buffer.makeResponse()
        case .buffer(let buffer):
            sent = buffer
            unsafe made = unsafe buffer.makeResponse()
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
            if let sent { state.connection?.send(sent) }
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
            server.giveBodyMemory(state.bodyMemory)
            state.bodyMemory = 0
            return (state.task, state.writer, state.connection, state.isCounted)
        }
        writer?.end(failed: true)
        task?.cancel()
        connection?.enter(.idle, nil)
        if isCounted { server.requestEnded() }
    }
}

extension HTTPRequest {
    /// Whether a proxy before us may see another end of the body than we do, which is how requests
    /// are smuggled past it: two lengths, a length with chunks, a coding that is not spoken here, or
    /// a blank before a header's colon.
    fileprivate var hasAmbiguousLength: Bool {
        let framing = headers.filter { field in
            let name = field.name.lowercased()
            return name == "content-length" || name == "transfer-encoding"
        }
        return framing.count > 1
            || framing.contains { field in
                field.name.lowercased() == "transfer-encoding"
                    && field.value.lowercased() != "chunked"
            }
            || headers.contains { $0.name.utf8.contains { $0 <= 32 } }
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
