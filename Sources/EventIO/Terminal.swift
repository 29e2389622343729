// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// Whether colours belong on standard output: on a terminal only, and never with `NO_COLOR`.
///
/// Source: no-color.org.
public func wantsColours() -> Bool {
    isatty(1) == 1 && (environmentVariable("NO_COLOR") ?? "").isEmpty
}

/// The value of an environment variable; nil where it is not set.
public func environmentVariable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
}

/// Writes text to standard output or standard error, whole.
public func print(_ text: String, toDescriptor descriptor: Int32) {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent)
        }
        guard count > 0 else { return }
        sent += count
    }
}

/// The path of the program that runs; empty where the system does not tell.
///
/// Source: proc(5), `/proc/self/exe`.
public func executablePath() -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    return String(
        decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) },
        as: UTF8.self
    )
}

/// Ends the process at once.
public func exitProcess(_ status: Int32) -> Never { exit(status) }
