// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Locking

/// The lines that the demonstration prints: the time since its start, who, what, and the rest.
final class DemoTerminal: Sendable {
    enum Tone: String {
        case plain = ""
        case good = "\u{1B}[32m"
        case bad = "\u{1B}[31m"
        case notice = "\u{1B}[33m"
        case faint = "\u{1B}[2m"
    }

    private static let margin = String(repeating: " ", count: 9)
    private let start = ContinuousClock.now
    private let hasColours: Bool
    private let output = Lock<Int32>(1)

    init() {
        hasColours = wantsColours()
    }

    /// The time since the start, such as `12.3s`.
    var time: String {
        let passed = (ContinuousClock.now - start).components
        let tenths = passed.seconds * 10 + passed.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)s"
    }

    /// Prints one line.
    func say(_ text: String, _ tone: Tone = .plain) {
        let stamp = time
        let pad = String(repeating: " ", count: max(0, 7 - stamp.count))
        let line = "\(pad)\(stamp)  \(coloured(text, tone))\n"
        output.withLock { print(line, toDescriptor: $0) }
    }

    /// Prints who did what in columns; further lines stand below the text.
    func row(
        _ who: String,
        _ what: String,
        _ text: String,
        _ tone: Tone = .plain,
        below: [String] = []
    ) {
        let stamp = time
        let pad = String(repeating: " ", count: max(0, 7 - stamp.count))
        let columns = who.padded(to: 11) + what.padded(to: 10)
        var block = "\(pad)\(stamp)  \(coloured(columns + text, tone))\n"
        let indent = Self.margin + String(repeating: " ", count: 21)
        for line in below { block += "\(indent)\(coloured(line, .faint))\n" }
        output.withLock { print(block, toDescriptor: $0) }
    }

    /// Prints a table, columns aligned, the first to the left and the others to the right.
    func table(_ rows: [[String]]) {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        let lines = rows.map { row in
            let cells = row.enumerated().map { column, text in
                let padded = text.padded(to: widths[column])
                let pad = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? padded : pad + text
            }
            return Self.margin + cells.joined(separator: "  ") + "\n"
        }
        output.withLock { print(lines.joined(), toDescriptor: $0) }
    }

    private func coloured(_ text: String, _ tone: Tone) -> String {
        hasColours && tone != .plain ? tone.rawValue + text + "\u{1B}[0m" : text
    }
}

extension String {
    /// The text with spaces behind it.
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
