// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// Why a file cannot be read or written.
public struct FileError: Error, Sendable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// What was tried: `read`, `open`, `write`, `list`.
    public let action: String
    /// The system's error number.
    public let code: Int32

    /// `read PATH: the system's words`.
    public var description: String {
        unsafe "\(action) \(path): \(String(cString: strerror(code)))"
    }
}

/// Reads a whole file of at most `limit` bytes; for configuration, before anything runs.
///
/// - Throws: `FileError`; a larger file gives `EFBIG`, a directory `EISDIR`.
public func contents(
    ofFile path: String,
    limit: Int = 64 << 20
) throws(FileError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, action: "open", code: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = unsafe read(descriptor, &piece, piece.count)
        guard count >= 0 else { throw FileError(path: path, action: "read", code: errno) }
        guard count > 0 else { return bytes }
        bytes += piece[..<count]
        guard bytes.count <= limit else {
            throw FileError(path: path, action: "read", code: EFBIG)
        }
    }
}

/// Writes a whole file, replacing what was there.
///
/// - Throws: `FileError`.
public func write(_ bytes: [UInt8], toFile path: String) throws(FileError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(path: path, action: "open", code: errno) }
    defer { close(descriptor) }
    var sent = 0
    while sent < bytes.count {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent)
        }
        guard count > 0 else { throw FileError(path: path, action: "write", code: errno) }
        sent += count
    }
}

/// The paths that a shell pattern names, sorted; empty where nothing fits.
///
/// Source: glob(3).
public func paths(matching pattern: String) -> [String] {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(unsafe found.gl_pathc)).compactMap { index in
        unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
    }
}

/// Lets files that the process makes from now on be read by its own account only.
public func keepFilesPrivate() { _ = umask(0o077) }

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
