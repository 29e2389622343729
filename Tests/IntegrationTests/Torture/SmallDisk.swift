// SPDX-License-Identifier: Apache-2.0
// Nightjar
import TestSupport

/// A disk of a few megabytes in memory, which can be full; only root may make one.
final class SmallDisk {
    private let path: String
    /// Whether it was ever full; what a full disk refused may be lost.
    private(set) var hasBeenFull = false

    /// Whether it can be made here.
    static var isAllowed: Bool {
        let directory = TemporaryDirectory()
        guard let disk = SmallDisk(directory.file("disk"), megabytes: 1) else { return false }
        disk.remove()
        return true
    }

    /// Whether it is full now.
    private(set) var isFull = false

    /// Mounts it; nil where that is not allowed.
    init?(_ path: String, megabytes: Int) {
        self.path = path
        let size = "size=\(megabytes)m"
        guard (try? ServerProcess.run(["mkdir", "-p", path])) == 0,
            (try? ServerProcess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", path])) == 0
        else { return nil }
    }

    /// Fills it to the last byte.
    func fill() throws {
        hasBeenFull = true
        isFull = true
        try ServerProcess.run(["dd", "if=/dev/zero", "of=\(path)/ballast", "bs=4096"])
    }

    /// Makes room again.
    func free() {
        isFull = false
        _ = try? ServerProcess.run(["rm", "-f", path + "/ballast"])
    }

    /// Unmounts it, with all that is on it.
    func remove() { _ = try? ServerProcess.run(["umount", "-l", path]) }
}
