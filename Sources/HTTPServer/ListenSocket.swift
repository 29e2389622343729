// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CMicrohttpd
internal import Glibc

/// A socket that listens, and the words for why there is none.
enum ListenSocket {
    /// Clients that wait in the kernel for a free connection.
    private static let backlog: Int32 = 512

    /// Listens on a host's first address; port 0 takes a free one.
    static func tcp(_ host: String, _ port: Int) throws(HTTPServerError) -> Int32 {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host.isEmpty ? nil : host, String(port), &hints, &list)
        guard code == 0, let first = unsafe list else {
            throw HTTPServerError("look up \(host): \(unsafe String(cString: gai_strerror(code)))")
        }
        defer { unsafe freeaddrinfo(list) }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = unsafe socket(first.pointee.ai_family, kind, 0)
        guard descriptor >= 0 else { throw failure("open a socket") }
        var on: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4)
        guard unsafe bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0,
            listen(descriptor, backlog) == 0
        else {
            let error = failure("listen on \(host):\(port)")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Listens on a Unix socket, replacing one that was left there.
    static func unix(_ path: String) throws(HTTPServerError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw HTTPServerError("listen on \(path): too long for a socket's path")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("open a socket") }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        unsafe unlink(path)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(descriptor, backlog) == 0 else {
            let error = failure("listen on \(path)")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// The port that a socket got; 0 for a Unix socket.
    static func port(of descriptor: Int32) -> Int {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe getsockname(descriptor, address, &size) == 0 else { return 0 }
                return unsafe Int(numeric(address, size).service) ?? 0
            }
        }
    }

    /// `HOST:PORT` of an address; `unix` for a Unix socket.
    static func text(of address: UnsafePointer<sockaddr>?) -> String {
        guard let address = unsafe address else { return "" }
        let size: Int
        switch Int32(unsafe address.pointee.sa_family) {
        case AF_INET: size = MemoryLayout<sockaddr_in>.size
        case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
        default: return "unix"
        }
        let (host, service) = unsafe numeric(address, socklen_t(size))
        return (host.contains(":") ? "[\(host)]" : host) + ":" + service
    }

    private static func numeric(
        _ address: UnsafePointer<sockaddr>,
        _ size: socklen_t
    ) -> (host: String, service: String) {
        var host = [CChar](repeating: 0, count: 64)
        var service = [CChar](repeating: 0, count: 32)
        let flags = NI_NUMERICHOST | NI_NUMERICSERV
        guard unsafe getnameinfo(address, size, &host, 64, &service, 32, flags) == 0 else {
            return ("", "")
        }
        return (zeroTerminated(host), zeroTerminated(service))
    }

    private static func zeroTerminated(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func failure(_ action: String) -> HTTPServerError {
        HTTPServerError("\(action): \(unsafe String(cString: strerror(errno)))")
    }
}
