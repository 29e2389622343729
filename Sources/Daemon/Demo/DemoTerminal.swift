// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Locking

/// The lines that the demonstration prints, each with the seconds since its start.
final class DemoTerminal: Sendable {
    enum Tone: String {
        case plain = ""
        case good = "\u{1B}[32m"
        case bad = "\u{1B}[31m"
        case notice = "\u{1B}[33m"
        case faint = "\u{1B}[2m"
    }

    private let start = ContinuousClock.now
    private let hasColours: Bool
    private let output = Lock<Int32>(1)

    init() {
        hasColours = wantsColours()
    }

    /// Prints one line, or several when `text` has line ends; only the first carries the time.
    func say(_ text: String, _ tone: Tone = .plain) {
        let passed = (ContinuousClock.now - start).components
        let tenths = passed.seconds * 10 + passed.attoseconds / 100_000_000_000_000_000
        let seconds = "\(tenths / 10).\(tenths % 10)s"
        let stamp = String(repeating: " ", count: max(0, 7 - seconds.count)) + seconds
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let first = lines.removeFirst()
        var block = "\(stamp)  \(coloured(String(first), tone))\n"
        for line in lines { block += "         \(coloured(String(line), tone))\n" }
        output.withLock { print(block, toDescriptor: $0) }
    }

    private func coloured(_ text: String, _ tone: Tone) -> String {
        hasColours && tone != .plain ? tone.rawValue + text + "\u{1B}[0m" : text
    }
}
