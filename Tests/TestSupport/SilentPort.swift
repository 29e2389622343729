// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Glibc

/// A port of loopback that accepts connections and never answers, or says the same to everybody.
public final class SilentPort: Sendable {
    /// The port.
    public let port: UInt16
    private let descriptor: Int32

    /// Opens the port; without `words` nobody takes the connections off the system's queue.
    public init(saying words: String? = nil) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = freePort()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe _ = bind(descriptor, $0, size)
            }
        }
        listen(descriptor, 8)
        guard let words else { return }
        let listener = descriptor
        BlockingQueue(label: "words").start {
            while true {
                let peer = accept(listener, nil, nil)
                guard peer >= 0 else { return }
                var heard = [UInt8](repeating: 0, count: 1_024)
                unsafe _ = read(peer, &heard, heard.count)
                let bytes = Array(words.utf8)
                unsafe _ = write(peer, bytes, bytes.count)
                close(peer)
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }
}
