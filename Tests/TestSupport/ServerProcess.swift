// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Glibc

/// A server that a test started and ends by its id.
public final class ServerProcess: Sendable {
    private let process: ChildProcess

    /// The process's id.
    public var id: Int32 { process.id }

    /// Starts `words[0]` from `PATH`; see `ChildProcess`.
    ///
    /// - Throws: `ChildProcess.Failure`.
    public init(
        _ words: [String],
        logFile: String = "/dev/null",
        user: String? = nil
    ) throws {
        process = try ChildProcess(words, logFile: logFile, user: user)
    }

    /// Runs a program to its end and tells its exit status, or 128 and the signal's number.
    ///
    /// - Throws: `ChildProcess.Failure`.
    @discardableResult
    public static func run(
        _ words: [String],
        logFile: String = "/dev/null",
        user: String? = nil
    ) throws -> Int32 {
        try ChildProcess.run(words, logFile: logFile, user: user)
    }

    /// Waits for the end and tells the exit status, or 128 and the signal's number.
    @discardableResult
    public func wait() -> Int32 { process.wait() }

    /// Sends a signal.
    public func send(signal: Int32) { process.send(signal: signal) }

    /// Ends the process by SIGTERM, after 5 s by SIGKILL, and reaps it.
    public func stop() { process.stop() }
}

/// A port of loopback that was free a moment ago.
public func freePort() -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe _ = bind(descriptor, $0, size)
            unsafe _ = getsockname(descriptor, $0, &size)
        }
    }
    return UInt16(bigEndian: address.sin_port)
}

/// Whether something accepts connections on a port of loopback.
public func canConnect(port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
