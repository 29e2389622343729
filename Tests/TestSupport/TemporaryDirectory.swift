// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// A directory that is gone, with all in it, when its owner is.
public final class TemporaryDirectory: Sendable {
    /// The absolute path.
    public let path: String

    /// Makes a new directory under `/tmp`, readable by all so that other accounts reach into it.
    public init() {
        var template = Array("/tmp/nightjar-test-XXXXXX\0".utf8.map { CChar(bitPattern: $0) })
        let made = unsafe mkdtemp(&template)
        precondition(unsafe made != nil, "no directory can be made under /tmp")
        path = String(
            decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        unsafe chmod(path, 0o777)
    }

    deinit { _ = try? ServerProcess.run(["rm", "-rf", path]) }

    /// The path of a file in the directory.
    public func file(_ name: String) -> String { path + "/" + name }
}

/// The folder of third-party test data beside the checkout; nil where it is absent.
public func conformanceFolder(_ name: String) -> String? {
    let path = repositoryRoot + "/../shared/conformance/" + name
    return unsafe access(path, R_OK) == 0 ? path : nil
}

/// The checkout's absolute path.
public let repositoryRoot: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/")
}()
