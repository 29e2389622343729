// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO

/// Runs all benchmarks, or those that the arguments name; with `fuzz`, the random agreement.
@main struct Benchmarks {
    static func main() async {
        // As the daemon does, whose memory is measured here.
        shareFreeMemory()
        let arguments = Array(CommandLine.arguments.dropFirst())
        let status = await Task.detached {
            arguments.first == "fuzz"
                ? await FuzzRun.main(Array(arguments.dropFirst())) : await run(Set(arguments))
        }.value
        exitProcess(status)
    }

    private static func run(_ names: Set<String>) async -> Int32 {
        let known = benchmarks.map(\.name)
        guard names.isSubset(of: known) else {
            print("known benchmarks: \(known.joined(separator: ", "))\n", toDescriptor: 2)
            return 2
        }
        let report = Report()
        report.begin()
        var hasFailed = false
        for benchmark in benchmarks where names.isEmpty || names.contains(benchmark.name) {
            do {
                try await benchmark.run(report)
            } catch {
                hasFailed = true
                report.note("\(benchmark.name) failed: \(error)")
            }
        }
        return hasFailed || report.missed > 0 ? 1 : 0
    }
}
