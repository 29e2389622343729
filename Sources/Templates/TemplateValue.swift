// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// What a template computes with; a dynamic value as Go's `text/template` knows them.
public indirect enum TemplateValue: Sendable, Hashable {
    /// Nothing.
    case null
    /// A truth.
    case bool(Bool)
    /// A whole number.
    case int(Int)
    /// A number.
    case float(Double)
    /// A text.
    case string(String)
    /// A text that is HTML already and is not escaped again.
    case markup(String)
    /// Values in order.
    case list([TemplateValue])
    /// Values by name; a name that is missing gives an empty text, as with Go's labels.
    case map([String: TemplateValue])
    /// A structure; a field that is missing is an error.
    case object([String: TemplateValue])
    /// A moment, with the name of its zone.
    case time(Timestamp, zone: String)
    /// A length of time.
    case duration(Duration)

    /// Wraps names and texts, such as labels.
    public static func labels(_ pairs: some Sequence<(name: String, value: String)>) -> Self {
        .map(Dictionary(pairs.map { ($0.name, .string($0.value)) }) { $1 })
    }

    /// Wraps labels.
    public static func labels(_ labels: LabelSet) -> Self { .labels(labels.pairs) }

    /// Wraps names and texts.
    public static func strings(_ texts: [String: String]) -> Self {
        .map(texts.mapValues { .string($0) })
    }

    /// Whether `if` takes it for true: not false, zero, or empty.
    public var isTrue: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .float(let value): value != 0
        case .string(let text), .markup(let text): !text.isEmpty
        case .list(let items): !items.isEmpty
        case .map(let entries): !entries.isEmpty
        case .object, .time: true
        case .duration(let value): value != .zero
        }
    }

    /// Go's name for its type, for messages.
    var typeName: String {
        switch self {
        case .null: "nil"
        case .bool: "bool"
        case .int: "int"
        case .float: "float64"
        case .string: "string"
        case .markup: "template.HTML"
        case .list: "slice"
        case .map: "map"
        case .object: "struct"
        case .time: "time.Time"
        case .duration: "time.Duration"
        }
    }
}
