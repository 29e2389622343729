// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// Whether a program is found on `PATH`.
public func isInstalled(_ program: String) -> Bool {
    (try? ServerProcess.run(["sh", "-c", "command -v \(program)"])) == 0
}

/// Whether the tests run on the machine that checks every change, where nothing may be skipped
/// for want of a package.
public let isContinuousIntegration: Bool = unsafe getenv("CI") != nil
