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

/// Makes a new directory `PREFIX-XXXXXX`, in `TMPDIR` or else `/tmp`.
///
/// Other accounts reach through it to what they may open; with `isShared` they may change it, too.
///
/// - Throws: `FileError`.
public func makeTemporaryDirectory(
    prefix: String,
    isShared: Bool = false
) throws(FileError) -> String {
    let parent = environmentVariable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    var template = Array("\(parent)/\(prefix)-XXXXXX\0".utf8.map { CChar(bitPattern: $0) })
    guard unsafe mkdtemp(&template) != nil else {
        throw FileError(path: parent, action: "make a directory in", code: errno)
    }
    let bytes = template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let path = String(decoding: bytes, as: UTF8.self)
    unsafe chmod(path, isShared ? 0o777 : 0o711)
    return path
}

/// Ends the process at once.
public func exitProcess(_ status: Int32) -> Never { exit(status) }
