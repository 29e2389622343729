// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import Locking
import TestSupport

/// The program itself, as a child process that runs on a deployment's files.
final class NightjarProcess: Sendable {
    /// Where people reach it.
    let address: String
    private let process: ServerProcess
    private let output: String
    private let isOver = Lock(false)

    /// Starts `nightjar run` and waits for the line that says that it is serving.
    ///
    /// `environment` has more variables, as `NAME=VALUE`.
    init(_ deployment: Deployment, number: Int = 0, environment: [String] = []) async throws {
        output = deployment.directory.file("output-\(number)")
        process = try ServerProcess(
            // Twice, as a library that is loaded first may add to the environment of its process, and
            // Swift looks for the arguments beside that.
            ["env"] + environment
                + ["env", builtProgram("nightjar"), "run", "--config", deployment.path],
            logFile: output
        )
        let output = output
        let mark = "nightjar is listening on "
        var address = ""
        _ = try await eventually {
            let lines = String(decoding: bytesOfFile(output), as: UTF8.self).split(separator: "\n")
            guard let line = lines.first(where: { $0.hasPrefix(mark) }) else { return false }
            address = String(line.dropFirst(mark.count))
            return true
        }
        self.address = address
    }

    /// Everything that it printed.
    var log: String { String(decoding: bytesOfFile(output), as: UTF8.self) }

    /// Sends a signal.
    func send(signal: Int32) { process.send(signal: signal) }

    /// Waits for its end; its exit status, or 128 and the signal's number.
    func wait() -> Int32 {
        let status = process.wait()
        isOver.withLock { $0 = true }
        return status
    }

    deinit { if !isOver.withLock({ $0 }) { process.stop() } }
}
