// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// What samples come from: one source of one kind.
public struct TargetID: Sendable, Hashable, Comparable {
    /// The kind of source, such as `postgres`.
    public let kind: String
    /// The name within its kind.
    public let name: String

    /// Names a target.
    public init(kind: String, name: String) {
        self.kind = kind
        self.name = name
    }

    /// Orders by kind, then by name.
    public static func < (a: TargetID, b: TargetID) -> Bool {
        (a.kind, a.name) < (b.kind, b.name)
    }
}

/// What a source said about a metric.
public struct MetricMetadata: Sendable, Hashable {
    /// What it measures.
    public var kind: MetricKind
    /// One line for people.
    public var help: String
    /// The unit, empty where none is declared.
    public var unit: String

    /// Makes a description of a metric.
    public init(kind: MetricKind, help: String, unit: String = "") {
        self.kind = kind
        self.help = help
        self.unit = unit
    }
}
