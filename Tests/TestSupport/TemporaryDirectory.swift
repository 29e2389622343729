// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Glibc

/// A directory that is gone, with all in it, when its owner is.
public final class TemporaryDirectory: Sendable {
    /// The absolute path.
    public let path: String

    /// Makes a new directory, open to all so that other accounts reach into it.
    public init() {
        do {
            path = try makeTemporaryDirectory(prefix: "nightjar-test", isShared: true)
        } catch {
            preconditionFailure("\(error)")
        }
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
