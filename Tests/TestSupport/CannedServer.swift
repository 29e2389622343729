// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Glibc
internal import Locking

/// An HTTP server of one thread that answers every request by a function, on a port of loopback.
public final class CannedServer: Sendable {
    /// What a request is answered with.
    public enum Answer: Sendable {
        /// A status with a body.
        case body(_ status: Int, _ text: String, type: String = "text/plain")
        /// These bytes and nothing else, then the end.
        case raw(String)
        /// No byte until the server stops.
        case silence
    }

    /// The port.
    public let port: UInt16
    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }
    private let listener: Int32
    private let silent = Lock<[Int32]>([])

    /// Starts a server; `answer` gets the request's head and the body that its length announces.
    public init(_ answer: @escaping @Sendable (String) -> Answer) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe _ = bind(descriptor, $0, size)
                unsafe _ = getsockname(descriptor, $0, &size)
            }
        }
        listen(descriptor, 64)
        port = UInt16(bigEndian: address.sin_port)
        let silent = silent
        BlockingQueue(label: "canned").start {
            while true {
                let peer = accept(descriptor, nil, nil)
                guard peer >= 0 else { return }
                Self.serve(peer, silent, answer)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for peer in silent.withLock({ $0 }) { close(peer) }
    }

    private static func serve(
        _ peer: Int32,
        _ silent: Lock<[Int32]>,
        _ answer: (String) -> Answer
    ) {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while !String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") {
            let count = unsafe read(peer, &part, part.count)
            guard count > 0 else { break }
            bytes += part[..<count]
            // A TLS handshake is answered in plain words, as a server without TLS does.
            if bytes.first == 22 { break }
        }
        var left = missingBytes(of: bytes)
        while left > 0 {
            let count = unsafe read(peer, &part, part.count)
            guard count > 0 else { break }
            bytes += part[..<count]
            left -= count
        }
        var text = ""
        switch answer(String(decoding: bytes, as: UTF8.self)) {
        case .silence:
            silent.withLock { $0.append(peer) }
            return
        case .raw(let raw): text = raw
        case .body(let status, let body, let type):
            text =
                "HTTP/1.1 \(status) Canned\r\nContent-Type: \(type)\r\n"
                + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        close(peer)
    }

    /// How much of the body that the head announces has not been read.
    private static func missingBytes(of bytes: [UInt8]) -> Int {
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        var headBytes = 0
        var length = 0
        for line in lines {
            headBytes += line.utf8.count + 2
            if line.isEmpty { return max(0, headBytes + length - bytes.count) }
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
            length = Int(parts[1].filter { $0 != " " }) ?? 0
        }
        return 0
    }
}
