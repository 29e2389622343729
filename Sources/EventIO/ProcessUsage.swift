// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// What this process uses of the machine.
public struct ProcessUsage: Sendable {
    /// Processor time of all threads, user and system.
    public var cpuSeconds = 0.0
    /// Bytes in memory.
    public var residentBytes = 0.0
    /// Bytes of address space.
    public var virtualBytes = 0.0
    /// When it started, in seconds since the Unix epoch.
    public var startSeconds = 0.0
    /// Open descriptors.
    public var openDescriptors = 0.0
    /// How many descriptors may be open.
    public var descriptorLimit = 0.0

    /// Measures now; what cannot be read stays 0.
    ///
    /// Source: proc(5), `/proc/self/stat` and `/proc/stat`.
    public static func now() -> ProcessUsage {
        var usage = ProcessUsage()
        usage.openDescriptors = Double(paths(matching: "/proc/self/fd/*").count)
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(7), &limit) == 0 {
            usage.descriptorLimit = Double(limit.rlim_cur)
        }
        guard let bytes = try? contents(ofFile: "/proc/self/stat") else { return usage }
        // The program's name stands in parentheses and may hold anything.
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return usage }
        let fields = text[text.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
        guard fields.count > 21 else { return usage }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        usage.cpuSeconds = (fields[11] + fields[12]) / ticks
        usage.startSeconds = bootSeconds() + fields[19] / ticks
        usage.virtualBytes = fields[20]
        usage.residentBytes = fields[21] * Double(sysconf(Int32(_SC_PAGESIZE)))
        return usage
    }

    private static func bootSeconds() -> Double {
        guard let bytes = try? contents(ofFile: "/proc/stat") else { return 0 }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let line = lines.first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst("btime ".count)) } ?? 0
    }
}
