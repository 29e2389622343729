// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO

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
public func freePort() -> UInt16 { freeLoopbackPort() }

/// Whether something accepts connections on a port of loopback.
public func canConnect(port: UInt16) -> Bool { isAccepting(loopbackPort: port) }
