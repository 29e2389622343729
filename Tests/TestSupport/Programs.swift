// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Glibc

/// The path of a program that was built beside these tests, with the same options.
public func builtProgram(_ name: String) -> String {
    executablePath().split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/" + name
}

/// Whether a program is found on `PATH`.
public func isInstalled(_ program: String) -> Bool {
    (try? ServerProcess.run(["sh", "-c", "command -v \(program)"])) == 0
}

/// Whether the tests run on the machine that checks every change, where nothing may be skipped
/// for want of a package.
public let isContinuousIntegration: Bool = unsafe getenv("CI") != nil

/// A number that the environment sets; nil where it does not.
public func setting(_ name: String) -> Int? {
    unsafe getenv(name).flatMap { unsafe Int(String(cString: $0)) }
}

/// Whether there is a file, and we may read it.
public func isFile(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }
