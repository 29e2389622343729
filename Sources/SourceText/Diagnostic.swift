// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A text with its name, kept so that diagnostics can show the line.
public struct SourceFile: Sendable, Hashable {
    /// The path as the user gave it, or a name such as `<standard input>`.
    public let name: String
    /// The whole text.
    public let text: String

    /// Names a text.
    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// Returns a line by its number, which counts from 1, without its end; nil past the last.
    ///
    /// - Complexity: O(length of the text).
    public func line(_ number: Int) -> Substring? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(number - 1) else { return nil }
        let line = lines[number - 1]
        return line.hasSuffix("\r") ? line.dropLast() : line
    }
}

/// Something that is wrong, or suspicious, at a place of a file.
public struct Diagnostic: Sendable, Hashable, Error {
    /// How grave it is.
    public enum Severity: String, Sendable, Hashable {
        /// The file is refused.
        case error
        /// The file works, and is probably not what was meant.
        case warning
    }

    /// How grave it is.
    public var severity: Severity
    /// The file's name.
    public var file: String
    /// Where; nil for the file as a whole, such as one that cannot be read.
    public var position: SourcePosition?
    /// One line: what, and what would be right.
    public var message: String
    /// The line of the file, where there is one.
    public var line: String?

    /// States a fault at a place of `file`, whose line it keeps.
    public init(
        _ severity: Severity = .error,
        in file: SourceFile,
        at position: SourcePosition?,
        _ message: String
    ) {
        self.severity = severity
        self.file = file.name
        self.position = position
        self.message = message
        line = position.flatMap { file.line($0.line) }.map(String.init)
    }

    /// One line: `FILE:LINE:COLUMN: error: message`.
    public var headline: String {
        let place = position.map { "\(file):\($0)" } ?? file
        return "\(place): \(severity.rawValue): \(message)"
    }

    /// The form for people: `FILE:LINE:COLUMN: error: message`, then the line and a caret.
    public var rendered: String {
        guard let line, let position else { return headline }
        let pad = line.unicodeScalars.prefix(position.column - 1).map { $0 == "\t" ? "\t" : " " }
        return "\(headline)\n    \(line)\n    \(pad.joined())^"
    }
}

extension [Diagnostic] {
    /// Ordered by file, then by place.
    public var inReadingOrder: [Diagnostic] {
        let top = SourcePosition(line: 0, column: 0)
        return sorted { ($0.file, $0.position ?? top) < ($1.file, $1.position ?? top) }
    }

    /// Whether one of them is an error.
    public var hasErrors: Bool { contains { $0.severity == .error } }
}

/// Returns the name in `names` that `word` was probably meant to be.
///
/// A name counts as near when it differs in at most a third of its letters, and one at least.
public func nearestName(to word: String, in names: [String]) -> String? {
    let best = names.map { ($0, editDistance(word, $0)) }.min { $0.1 < $1.1 }
    guard let best, best.1 <= Swift.max(1, best.0.count / 3) else { return nil }
    return best.0
}

/// The number of letters to insert, drop or replace between two words (Levenshtein).
private func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            let next = Swift.min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
            (diagonal, row[j + 1]) = (row[j + 1], next)
        }
    }
    return row[b.count]
}
