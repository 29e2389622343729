// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A place in an expression's text: offsets in UTF-8 bytes, the end not included.
public typealias SourceRange = Range<Int>

/// The type of an expression's value.
public enum ValueType: String, Sendable, Hashable, CaseIterable {
    /// A single number.
    case scalar
    /// A text.
    case string
    /// Series with one sample each.
    case instantVector = "instant vector"
    /// Series with samples over a range of time.
    case rangeVector = "range vector"

    /// The name in Prometheus' API and in some of its errors: `vector`, `matrix`.
    public var shortName: String {
        switch self {
        case .scalar: "scalar"
        case .string: "string"
        case .instantVector: "vector"
        case .rangeVector: "matrix"
        }
    }
}
