// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// What became of the questions of a run; each is counted once.
struct FuzzTally {
    private var equal = 0
    private var empty = 0
    private var failed = 0
    private var lists = 0
    private var syntax = 0
    private var known: [KnownDifference: Int] = [:]
    private(set) var mismatches = 0

    /// Both said the same.
    mutating func agreed(on answer: FuzzAnswer) {
        if case .failure = answer {
            failed += 1
        } else if answer.isEmpty {
            empty += 1
        } else {
            equal += 1
        }
    }

    /// Both gave the lists of series, labels or values that they should.
    mutating func agreedOnList() { lists += 1 }

    /// They differ, and why is proven.
    mutating func excused(_ difference: KnownDifference) { known[difference, default: 0] += 1 }

    /// What one takes the other does not know yet.
    mutating func excusedSyntax() { syntax += 1 }

    /// They differ.
    mutating func differed() { mismatches += 1 }

    var description: String {
        let excused = known.values.reduce(0, +)
        let asked = equal + empty + failed + lists + syntax + excused + mismatches
        func share(_ count: Int) -> String {
            let tenths = asked == 0 ? 0 : (count * 1_000 + asked / 2) / asked
            return "\(count) (\(tenths / 10).\(tenths % 10) %)"
        }
        var lines = [
            "\(asked) questions, \(mismatches) mismatches",
            "  equal in every point          \(share(equal))",
            "  equal lists of series, labels \(share(lists))",
            "  empty on both sides           \(share(empty))",
            "  failed alike, with one text   \(share(failed))",
            "  language since 2.42           \(share(syntax))",
            "  known differences, proven     \(share(excused))",
        ]
        for (difference, count) in known.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines.append("    \(difference.rawValue): \(count)")
        }
        return lines.joined(separator: "\n")
    }
}
