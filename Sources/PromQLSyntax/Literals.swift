// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A number, or a duration that counts as its seconds.
public struct NumberLiteral: Sendable, Hashable {
    /// The value, with the sign that stands before it.
    public var value: Double
    /// Whether it was written as a duration; it is printed as one again.
    public var isDuration = false
    /// The place in the text, sign included.
    public var range: SourceRange
}

/// A text in quotes.
public struct StringLiteral: Sendable, Hashable {
    /// The text without quotes and escapes.
    public var value: String
    /// The place in the text, quotes included.
    public var range: SourceRange
}
