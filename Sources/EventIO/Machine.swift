// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CLinux
internal import Glibc

/// What a process runs on.
public struct Machine: Sendable {
    /// The machine's name.
    public let host: String
    /// The working directory; empty where it is gone.
    public let folder: String
    /// How many processors there are.
    public let processors: Int
    /// How many threads the process has.
    public let threads: Int

    /// Asks the system.
    public static func current() -> Machine {
        var name = [CChar](repeating: 0, count: 256)
        unsafe _ = gethostname(&name, name.count - 1)
        var folder = [CChar](repeating: 0, count: 4_096)
        let hasFolder = unsafe getcwd(&folder, folder.count) != nil
        return Machine(
            host: text(name),
            folder: hasFolder ? text(folder) : "",
            processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            threads: paths(matching: "/proc/self/task/*").count
        )
    }

    private static func text(_ bytes: [CChar]) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Gives memory back to the system that was freed and is kept for the next request.
public func returnFreeMemory() { malloc_trim(0) }

/// Sets up memory for a process that makes and frees much of it; to be called first of all.
///
/// All threads share one store of free memory. The C library gives them a store each, and what one
/// frees of another's stays in pieces that nobody uses: samples are made by polls, packed by flushes
/// and let go of by both.
///
/// What is freed stays with the process until `returnFreeMemory`: a page of metrics has many
/// megabytes, and to get each of them from the system anew took longer than to fill it.
///
/// Source: mallopt(3), `M_ARENA_MAX`, `M_TRIM_THRESHOLD`, `M_MMAP_THRESHOLD`.
public func shareFreeMemory() {
    mallopt(M_ARENA_MAX, 1)
    mallopt(M_TRIM_THRESHOLD, 128 << 20)
    mallopt(M_MMAP_THRESHOLD, 32 << 20)
}
