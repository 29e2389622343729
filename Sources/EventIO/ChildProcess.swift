// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// A child process that is ended by its id; the demo's and the tests' servers.
public final class ChildProcess: Sendable {
    /// Why a process did not start.
    public struct Failure: Error, CustomStringConvertible {
        /// What went wrong.
        public let description: String
    }

    /// The process's id.
    public let id: Int32

    /// Starts `words[0]` from `PATH` with the rest as arguments, output going to `logFile`.
    ///
    /// The child gets an empty signal mask: a thread of the pool blocks nearly all signals, and a
    /// child inherits that. It gets a process group of its own, so that an interrupt typed at the
    /// terminal reaches us alone. `user` runs it under another account by `setpriv`, as root only.
    ///
    /// Source: posix_spawn(3).
    public init(
        _ words: [String],
        logFile: String = "/dev/null",
        user: String? = nil
    ) throws(Failure) {
        var words = words
        if let user, getuid() == 0 {
            words = ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--init-groups"] + words
        }
        var attributes = posix_spawnattr_t()
        var none = sigset_t()
        unsafe posix_spawnattr_init(&attributes)
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        // What we ignore, or take by other means than a handler, is not ignored by the child.
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        let flagged = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flagged))
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, logFile, flags, 0o644)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, logFile, flags, 0o644)
        var child: pid_t = 0
        let code = unsafe Self.withArguments(words) { arguments in
            unsafe posix_spawnp(&child, words[0], &actions, &attributes, arguments, environ)
        }
        guard code == 0 else {
            throw Failure(
                description: unsafe "start \(words[0]): \(String(cString: strerror(code)))"
            )
        }
        id = child
    }

    /// Runs a program to its end and returns its exit status, or 128 and the signal's number.
    @discardableResult
    public static func run(
        _ words: [String],
        logFile: String = "/dev/null",
        user: String? = nil
    ) throws(Failure) -> Int32 {
        try ChildProcess(words, logFile: logFile, user: user).wait()
    }

    /// Waits for the end and returns the exit status, or 128 and the signal's number.
    @discardableResult
    public func wait() -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }

    /// Sends a signal.
    public func send(signal: Int32) { kill(id, signal) }

    /// Ends the process by SIGTERM, after 5 s by SIGKILL, and reaps it.
    public func stop() {
        kill(id, SIGTERM)
        var status: Int32 = 0
        for _ in 0..<500 {
            if unsafe waitpid(id, &status, WNOHANG) != 0 { return }
            usleep(10_000)
        }
        kill(id, SIGKILL)
        unsafe _ = waitpid(id, &status, 0)
    }

    private static func withArguments<Result>(
        _ words: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
            capacity: words.count + 1
        )
        for (index, word) in words.enumerated() { unsafe arguments[index] = unsafe strdup(word) }
        unsafe arguments[words.count] = nil
        defer {
            for index in words.indices { unsafe free(arguments[index]) }
            unsafe arguments.deallocate()
        }
        return unsafe body(arguments)
    }
}
