// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CMicrohttpd
internal import Secrets

extension HTTPServer {
    /// Starts the library's thread on a listening socket; its callbacks come back to this object.
    func startDaemon(on descriptor: Int32) -> OpaquePointer? {
        var settings = unsafe nj_http_options()
        unsafe settings.flags =
            MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
            | MHD_USE_TURBO.rawValue
        unsafe settings.listen_fd = descriptor
        unsafe settings.threads = UInt32(options.threads)
        unsafe settings.connection_limit = UInt32(options.connectionLimit)
        unsafe settings.per_ip_limit = UInt32(options.perAddressLimit)
        unsafe settings.idle_timeout = UInt32(max(1, options.idleTimeout.components.seconds))
        unsafe settings.memory_limit = options.connectionMemory
        unsafe settings.memory_increment = 4_096
        unsafe settings.cls = Unmanaged.passUnretained(self).toOpaque()
        unsafe Self.addCallbacks(to: &settings)
        guard let tls = options.tls else { return unsafe nj_http_start(&settings) }
        unsafe settings.flags |= MHD_USE_TLS.rawValue
        return unsafe tls.key.reveal().withCString { key in
            unsafe tls.certificate.withCString { certificate in
                unsafe tls.priorities.withCString { priorities in
                    unsafe settings.tls_key = unsafe key
                    unsafe settings.tls_cert = unsafe certificate
                    unsafe settings.tls_priorities = unsafe priorities
                    return unsafe nj_http_start(&settings)
                }
            }
        }
    }

    private static func addCallbacks(to settings: inout nj_http_options) {
        // Called first, with the raw target: what it returns is the context of the request.
        unsafe settings.uri = { context, target, _ in
            guard let context = unsafe context else { return nil }
            let server = unsafe Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
            let text = unsafe target.map { unsafe String(cString: $0) } ?? ""
            return unsafe Unmanaged.passRetained(Exchange(server, target: text)).toOpaque()
        }
        unsafe settings.access = { _, handle, _, method, _, data, size, context in
            guard let handle = unsafe handle, let method = unsafe method, let size = unsafe size,
                let raw = unsafe context?.pointee
            else { return .NO }
            let exchange = unsafe Unmanaged<Exchange>.fromOpaque(raw).takeUnretainedValue()
            let piece = unsafe UnsafeRawBufferPointer(start: data, count: size.pointee)
            unsafe size.pointee = 0
            return unsafe exchange.step(handle, method: String(cString: method), data: piece)
        }
        unsafe settings.completed = { _, _, context, _ in
            guard let raw = unsafe context?.pointee else { return }
            unsafe context?.pointee = nil
            unsafe Unmanaged<Exchange>.fromOpaque(raw).takeRetainedValue().completed()
        }
        unsafe settings.connection = { context, handle, place, code in
            guard let context = unsafe context, let handle = unsafe handle,
                let place = unsafe place
            else { return }
            let server = unsafe Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
            if code == .CONNECTION_NOTIFY_STARTED {
                let connection = unsafe server.connected(handle)
                unsafe place.pointee = Unmanaged.passRetained(connection).toOpaque()
            } else if let raw = unsafe place.pointee {
                let connection = unsafe Unmanaged<Connection>.fromOpaque(raw).takeRetainedValue()
                server.disconnected(connection)
            }
        }
    }
}
