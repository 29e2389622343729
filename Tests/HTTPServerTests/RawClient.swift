// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Dispatch
internal import Glibc

/// A client that sends exactly the bytes it is told to.
final class RawClient: Sendable {
    private let descriptor: Int32

    /// Connects to a port of loopback; reads give up after 5 s.
    init(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { Glibc.close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        unsafe _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Everything until the server closes, or the limit passes.
    ///
    /// It waits on a thread of Dispatch: the pool's are the handlers'.
    func readAll() async -> [UInt8] {
        await withCheckedContinuation { done in
            DispatchQueue.global().async { done.resume(returning: self.drain()) }
        }
    }

    private func drain() -> [UInt8] {
        var result: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return result }
            result += piece[..<count]
        }
    }

    func readText() async -> String { String(decoding: await readAll(), as: UTF8.self) }

    /// Ends the sending side only.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends both directions, as a client that goes away.
    func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Sends one request that asks for the connection's end, and reads the answer.
    static func get(_ target: String, port: Int, headers: [String] = []) async -> String {
        let client = RawClient(port: port)
        let lines = ["GET \(target) HTTP/1.1", "Host: x", "Connection: close"] + headers
        client.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return await client.readText()
    }
}

extension String {
    /// The first line of an answer.
    var statusLine: String { String(prefix { $0 != "\r\n" }) }

    /// What follows the header.
    var content: String {
        let bytes = Array(utf8)
        for index in bytes.indices.dropLast(3)
        where Array(bytes[index..<index + 4]) == [13, 10, 13, 10] {
            return String(decoding: bytes[(index + 4)...], as: UTF8.self)
        }
        return ""
    }
}
