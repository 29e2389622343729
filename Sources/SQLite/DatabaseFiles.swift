// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// What happens to a database's files as a whole.
public enum DatabaseFiles {
    /// Makes a directory with those above it; false where that cannot be.
    public static func makeDirectory(_ path: String) -> Bool {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? "\(part)" : "/\(part)"
            unsafe mkdir(made, 0o750)
        }
        return unsafe access(path, R_OK | W_OK | X_OK) == 0
    }

    /// Renames a database that is not open, with its log, to `PATH.damaged-N` with the first free N.
    ///
    /// Returns the new path; nil where the files cannot be renamed.
    public static func setAside(_ path: String) -> String? {
        guard let target = free(path), unsafe rename(path, target) == 0 else { return nil }
        for suffix in ["-wal", "-shm"] { unsafe rename(path + suffix, target + suffix) }
        return target
    }

    /// Whether there is a file.
    public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Removes a database with its log; none is none too many.
    public static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm"] { unsafe unlink(path + suffix) }
    }

    private static func free(_ path: String) -> String? {
        for number in 1...1_000 {
            let name = "\(path).damaged-\(number)"
            if unsafe access(name, F_OK) != 0 { return name }
        }
        return nil
    }
}

/// Holds a file locked against other processes, until it is gone itself or its process.
///
/// Source: flock(2), which the kernel ends with the process, however that ends.
public final class ProcessLock: Sendable {
    private let descriptor: Int32

    /// Locks a file, made where it is missing; nil where another holds it or it cannot be made.
    ///
    /// It waits up to half a second, as a process that was just ended may not be gone yet.
    public init?(_ path: String) {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return nil }
        for _ in 0..<50 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            usleep(10_000)
        }
        close(descriptor)
        return nil
    }

    deinit {
        // A child that is about to be may have the descriptor still, and would keep the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
