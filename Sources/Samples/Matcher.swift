// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A condition on one label; a missing label counts as an empty value.
public struct Matcher: Sendable, Hashable {
    /// How the value is compared.
    public enum Kind: String, Sendable, Hashable {
        /// The value is equal.
        case equal = "="
        /// The value differs.
        case notEqual = "!="
        /// The whole value matches the expression.
        case matches = "=~"
        /// The whole value does not match the expression.
        case matchesNot = "!~"
    }

    /// The label's name.
    public let name: Symbol
    /// How the value is compared.
    public let kind: Kind
    /// The text or the regular expression.
    public let value: String
    private let expression: RegularExpression?

    /// Makes a condition.
    ///
    /// - Throws: `RegularExpressionError` where the expression of a regular kind does not parse.
    public init(
        _ name: String,
        _ kind: Kind,
        _ value: String
    ) throws(RegularExpressionError) {
        self.name = Symbol(name)
        self.kind = kind
        self.value = value
        expression =
            kind == .matches || kind == .matchesNot ? try RegularExpression(value) : nil
    }

    /// Makes the condition that a label has this value.
    public init(_ name: String, equals value: String) {
        self.name = Symbol(name)
        kind = .equal
        self.value = value
        expression = nil
    }

    /// Whether a value fulfils the condition.
    public func matches(_ text: String) -> Bool {
        switch kind {
        case .equal: isSame(text, value)
        case .notEqual: !isSame(text, value)
        case .matches: expression?.matches(text) ?? false
        case .matchesNot: !(expression?.matches(text) ?? true)
        }
    }

    /// Whether the labels fulfil the condition.
    public func matches(_ labels: LabelSet) -> Bool { matches(labels[name]?.text ?? "") }

    /// Compares name, kind and text.
    public static func == (a: Matcher, b: Matcher) -> Bool {
        a.name == b.name && a.kind == b.kind && a.value == b.value
    }

    /// Feeds name, kind and text.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(kind)
        hasher.combine(value)
    }
}

/// Whether two texts have the same bytes, which is more than being equal as strings.
private func isSame(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
}

extension Matcher: CustomStringConvertible {
    /// PromQL's form: `name=~"value"`.
    public var description: String { "\(name.text)\(kind.rawValue)\(quoted(value))" }
}
