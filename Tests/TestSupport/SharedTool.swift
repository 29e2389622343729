// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// A script of `../shared` that starts test equipment and prints where it listens.
public final class SharedTool: Sendable {
    /// What the script printed after `key=`, such as `127.0.0.1:9092`.
    public let address: String
    private let script: String
    private let folder = TemporaryDirectory()

    /// Whether the script and Java are there.
    public static func isPresent(_ path: String) -> Bool {
        let script = repositoryRoot + "/../shared/" + path
        return unsafe access(script, X_OK) == 0
            && (try? ServerProcess.run(["java", "-version"])) == 0
    }

    /// Starts `../shared/PATH start DIR ARGUMENTS`, which returns when the server answers.
    ///
    /// - Throws: `SharedToolFailure` where it does not start or does not tell its address.
    public init(_ path: String, key: String, _ arguments: [String] = []) throws {
        script = repositoryRoot + "/../shared/" + path
        var text = try Self.start(script, data: folder.file("data"), folder, arguments)
        // Kafka's script draws an id at random, and one that begins with a dash is taken for an
        // option: one start of 64 fails.
        if text.contains("expected one argument") {
            _ = try ServerProcess.run(["rm", "-rf", folder.file("data")])
            text = try Self.start(script, data: folder.file("data"), folder, arguments)
        }
        let lines = text.split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix(key + "=") }) else {
            throw SharedToolFailure(output: lines.joined(separator: " "))
        }
        address = String(line.dropFirst(key.count + 1))
    }

    /// Starts once; returns what the script printed.
    private static func start(
        _ script: String,
        data: String,
        _ folder: TemporaryDirectory,
        _ arguments: [String]
    ) throws -> String {
        let output = folder.file("output")
        _ = try ServerProcess.run([script, "start", data] + arguments, logFile: output)
        return String(decoding: bytesOfFile(output), as: UTF8.self)
    }

    /// Runs another of the script's verbs, `VERB DIR ARGUMENTS`, and returns its exit status.
    @discardableResult
    public func run(_ verb: String, _ arguments: [String] = []) throws -> Int32 {
        let words = [script, verb, folder.file("data")] + arguments
        return try ServerProcess.run(words, logFile: folder.file(verb))
    }

    deinit { _ = try? ServerProcess.run([script, "stop", folder.file("data")]) }
}

/// What a script printed instead of an address.
public struct SharedToolFailure: Error, Sendable {
    /// The output.
    public let output: String
}
