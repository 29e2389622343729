// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import SourceText

/// One value of a document with its place.
///
/// A value reached by an alias keeps the place of its anchor.
public struct YAMLNode: Sendable {
    /// What a value is.
    public enum Kind: Sendable {
        /// A text, number, truth or nothing.
        case scalar(YAMLScalar)
        /// A list.
        case sequence([YAMLNode])
        /// Names with values.
        case mapping(YAMLMapping)
    }

    /// What it is.
    public let kind: Kind
    /// The place of the first character, of its anchor or tag where it has one.
    public let start: SourcePosition
    /// The place just behind the last character.
    public let end: SourcePosition
    /// How many nodes a walk visits, aliases expanded.
    let weight: Int
}

/// A scalar's text as the parser decoded it.
public struct YAMLScalar: Sendable {
    /// How a scalar is written.
    public enum Style: Sendable {
        /// Without quotes.
        case plain
        /// In single quotes.
        case singleQuoted
        /// In double quotes, with escapes.
        case doubleQuoted
        /// A block that keeps its line ends (`|`).
        case literal
        /// A block whose line ends are folded to spaces (`>`).
        case folded
    }

    /// The decoded text.
    public let text: String
    /// How it is written.
    public let style: Style
}

/// A mapping's entries in the order of the file, merge keys resolved on the side.
public struct YAMLMapping: Sendable {
    /// A key with its value.
    public struct Entry: Sendable {
        /// The key.
        public let key: YAMLNode
        /// The value.
        public let value: YAMLNode
    }

    /// As written; a merge key is an entry like the others.
    public let entries: [Entry]
    /// What merge keys add and no written entry overrides.
    public let merged: [Entry]

    /// The value of a key, written or merged.
    public subscript(key: String) -> YAMLNode? {
        for entry in entries where entry.key.text == key { return entry.value }
        for entry in merged where entry.key.text == key { return entry.value }
        return nil
    }
}
