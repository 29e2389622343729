// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import SourceText

/// Why a text is no expression, and where.
public struct ParseError: Error, Sendable, Hashable {
    /// What is wrong, in Prometheus' words.
    public let message: String
    /// The place in the text: offsets in UTF-8 bytes.
    public let range: SourceRange
    /// The place's start as line and column.
    public let position: SourcePosition
    private let place: String

    init(_ message: String, at range: SourceRange, in text: String) {
        self.message = message
        self.range = range
        position = SourcePosition(utf8Offset: range.lowerBound, in: text)
        place = placeOfByte(range.lowerBound, in: text)
    }
}

extension ParseError: CustomStringConvertible {
    /// Prometheus' form: `1:5: parse error: message`.
    public var description: String { "\(place): parse error: \(message)" }
}

/// The line and column of a byte, both from 1, the column counted in bytes: `1:5`.
///
/// Source: Prometheus, promql/parser/posrange: `StartPosInput`.
public func placeOfByte(_ offset: Int, in text: String) -> String {
    var line = 1
    var lineStart = 0
    for (index, byte) in text.utf8.prefix(offset).enumerated() where byte == UInt8(ascii: "\n") {
        line += 1
        lineStart = index + 1
    }
    return "\(line):\(min(offset, text.utf8.count) - lineStart + 1)"
}

/// What the parser accepts.
public struct ParseOptions: Sendable, Hashable {
    /// Whether the functions and aggregations that Prometheus calls experimental are accepted.
    public var allowsExperimental = true

    /// Everything is accepted.
    public static let standard = ParseOptions()

    /// Accepts everything; change the fields to accept less.
    public init() {}
}
