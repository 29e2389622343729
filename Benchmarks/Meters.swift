// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CLinux
internal import EventIO
internal import Glibc

/// Seconds of CPU that this process has used, in all its threads.
func processSeconds() -> Double {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// Seconds of CPU that another process has used, in all its threads.
func processSeconds(of id: Int32) -> Double {
    var clock = clockid_t()
    var time = timespec()
    guard unsafe clock_getcpuclockid(id, &clock) == 0, unsafe clock_gettime(clock, &time) == 0
    else { return .nan }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Bytes of this process in memory, after what is free went back to the system.
func residentBytes() -> Int {
    malloc_trim(0)
    return resident(of: "self")
}

/// Bytes of a process in memory.
func resident(of process: String) -> Int {
    guard let bytes = try? contents(ofFile: "/proc/\(process)/statm") else { return 0 }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(getpagesize())
}

/// Bytes of all files in a directory.
func directoryBytes(_ path: String) -> Int {
    paths(matching: path + "/*").reduce(0) { total, file in
        var about = stat()
        return unsafe total + (stat(file, &about) == 0 ? Int(about.st_blocks) * 512 : 0)
    }
}

/// Runs `body` with a directory that is gone afterwards.
func withDirectory<Result>(
    _ body: (String) async throws -> Result
) async throws -> Result {
    let path = "/tmp/nightjar-benchmark-\(getpid())"
    defer { _ = try? ChildProcess.run(["rm", "-rf", path]) }
    return try await body(path)
}
