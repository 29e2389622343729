// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO

/// One thing to measure; each has a file of its own and an entry in `benchmarks`.
struct Benchmark: Sendable {
    /// What `ONLY=` calls it.
    var name: String
    /// Measures, and tells each figure by `report`.
    var run: @Sendable (_ report: Report) async throws -> Void
}

/// All of them, in the order in which they run.
// Memory comes first: what others leave behind would count.
let benchmarks: [Benchmark] = [
    .storageMemory, .daemonMemory, .storageDisk, .storageScrape, .pages, .hungTarget, .queries,
    .largeQueries, .rules, .remoteWrite,
]

/// Prints figures beside what they must reach, one a line.
final class Report {
    /// How many figures missed their target.
    private(set) var missed = 0

    /// Prints the line above all others.
    func begin() { line("figure", "measured", "target", "verdict") }

    /// Prints a figure that must not exceed `target`.
    ///
    /// - Parameters:
    ///   - name: what was measured.
    ///   - value: how much it was.
    ///   - target: what it may be at most.
    ///   - unit: of both; empty for a ratio.
    func atMost(_ name: String, _ value: Double, _ target: Double, unit: String = "") {
        let isReached = value <= target
        if !isReached { missed += 1 }
        let goal = "<= " + with(unit, short(target))
        line(name, with(unit, short(value)), goal, isReached ? "ok" : "MISSED")
    }

    /// Prints a figure that is only told.
    func told(_ name: String, _ value: Double, unit: String = "") {
        line(name, with(unit, short(value)), "-", "-")
    }

    /// Prints that answers were wrong, which makes their figures worthless.
    func differs(_ name: String, _ how: String) {
        missed += 1
        line(name, how, "equal", "DIFFERS")
    }

    /// Prints a line that is not a figure.
    func note(_ text: String) { print("# " + text + "\n", toDescriptor: 1) }

    private func line(_ name: String, _ figure: String, _ target: String, _ verdict: String) {
        let cells = [padded(name, 48), padded(figure, 14), padded(target, 14), verdict]
        print(cells.joined(separator: "\t") + "\n", toDescriptor: 1)
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func with(_ unit: String, _ number: String) -> String {
        unit.isEmpty ? number : number + " " + unit
    }
}

/// A number with three significant digits or more.
func short(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
    if value.magnitude >= 100 || value == 0 { return "\(Int(value.rounded()))" }
    var scale = 100.0
    while value.magnitude * scale < 100, scale < 1e9 { scale *= 10 }
    return "\((value * scale).rounded() / scale)"
}

/// Why a benchmark could not run.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
