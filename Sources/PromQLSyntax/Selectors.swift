// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// A selector of series: `name{label="value"}` with its modifiers.
public struct VectorSelector: Sendable, Hashable {
    /// The metric's name where it stands before the braces, or as a bare text inside them.
    ///
    /// It is nil for `{__name__="up"}`, as in Prometheus.
    public var name: String?
    /// All conditions in the order of the text, the one on the given name last.
    public var matchers: [Matcher]
    /// How far back in time to look; negative looks ahead.
    public var offset = DurationValue.zero
    /// The moment to look at, in place of the evaluation's.
    public var at: AtModifier?
    /// Whether the `anchored` modifier was given.
    public var isAnchored = false
    /// Whether the `smoothed` modifier was given.
    public var isSmoothed = false
    /// The place in the text, modifiers included.
    public var range: SourceRange
}

/// A selector of series' samples over a range of time: `name{...}[5m]`.
public struct MatrixSelector: Sendable, Hashable {
    /// Which series; offset, `@` and the other modifiers are kept here too.
    public var selector: VectorSelector
    /// How long a range; open on the left, closed on the right.
    public var window: DurationValue
    /// The place in the text, modifiers included.
    public var range: SourceRange
}

/// An expression evaluated at steps over a range of time: `expression[1h:5m]`.
public struct Subquery: Sendable, Hashable {
    /// What is evaluated; always an instant vector.
    public var expression: Expression
    /// How long a range; open on the left, closed on the right.
    public var window: DurationValue
    /// The distance of the steps; nil takes the engine's evaluation interval.
    public var step: DurationValue?
    /// How far back in time to look; negative looks ahead.
    public var offset = DurationValue.zero
    /// The moment to look at, in place of the evaluation's.
    public var at: AtModifier?
    /// The place in the text, modifiers included.
    public var range: SourceRange
}

/// The moment that an `@` modifier fixes.
public enum AtModifier: Sendable, Hashable {
    /// A moment as such.
    case timestamp(Timestamp)
    /// The start of the query's range.
    case start
    /// The end of the query's range.
    case end
}
