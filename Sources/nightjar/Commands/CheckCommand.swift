// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Arguments
internal import Daemon
internal import EventIO
internal import Exposition
internal import SourceText

/// `nightjar check`.
enum CheckCommand {
    static func config(_ arguments: Arguments) -> Int32 {
        report(arguments.positional.map { ($0, checkConfiguration(path: $0)) })
    }

    static func rules(_ arguments: Arguments) -> Int32 {
        report(arguments.positional.map { ($0, readRuleFiles([$0]).diagnostics) })
    }

    /// Prints everything that was found; 1 where any file has an error.
    private static func report(_ results: [(file: String, found: [Diagnostic])]) -> Int32 {
        for (file, found) in results {
            for diagnostic in found { print(diagnostic.rendered + "\n", toDescriptor: 2) }
            if !found.hasErrors { print("\(file): ok\n", toDescriptor: 1) }
        }
        return results.contains { $0.found.hasErrors } ? 1 : 0
    }
}

/// `nightjar test`.
enum TestCommand {
    static func openMetrics(_ arguments: Arguments) -> Int32 {
        var failures = 0
        for path in arguments.positional {
            do {
                let bytes = try contents(ofFile: path == "-" ? "/dev/stdin" : path)
                guard let fault = openMetricsFault(in: bytes) else { continue }
                print("\(path):\(fault.line): error: \(fault.message)\n", toDescriptor: 2)
            } catch {
                print("\(error)\n", toDescriptor: 2)
            }
            failures += 1
        }
        print(
            "\(arguments.positional.count - failures) passed, \(failures) failed\n",
            toDescriptor: 1
        )
        return failures == 0 ? 0 : 1
    }
}
