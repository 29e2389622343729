// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A place in a text; both parts count from 1, columns count Unicode scalars.
public struct SourcePosition: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The line, from 1.
    public var line: Int
    /// The column in Unicode scalars, from 1.
    public var column: Int

    /// Makes a place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Finds the place of a byte offset in UTF-8 text; past the end gives the end.
    ///
    /// - Complexity: O(offset).
    public init(utf8Offset offset: Int, in text: String) {
        var line = 1
        var column = 1
        var byte = 0
        for scalar in text.unicodeScalars {
            guard byte < offset else { break }
            byte += UTF8.width(scalar)
            if scalar == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        self.init(line: line, column: column)
    }

    /// Orders by line, then by column.
    public static func < (a: SourcePosition, b: SourcePosition) -> Bool {
        (a.line, a.column) < (b.line, b.column)
    }

    /// `line:column`.
    public var description: String { "\(line):\(column)" }
}
