// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// A port of 127.0.0.1 that was free a moment ago.
public func freeLoopbackPort() -> UInt16 {
    unsafe withLoopbackSocket(port: 0) { descriptor, address, size in
        unsafe _ = bind(descriptor, address, size)
        var size = size
        unsafe _ = getsockname(descriptor, address, &size)
        return unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            unsafe UInt16(bigEndian: $0.pointee.sin_port)
        }
    }
}

/// Whether something accepts connections on a port of 127.0.0.1.
public func isAccepting(loopbackPort port: UInt16) -> Bool {
    unsafe withLoopbackSocket(port: port) { descriptor, address, size in
        unsafe connect(descriptor, address, size) == 0
    }
}

private func withLoopbackSocket<Result>(
    port: UInt16,
    _ body: (Int32, UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe body(descriptor, $0, size)
        }
    }
}
