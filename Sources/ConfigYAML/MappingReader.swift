// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Secrets
public import SourceText

/// A mapping that is decoded key by key; `finish` reports the keys that nobody asked for.
///
/// A getter with a default returns it where the key is absent, empty or wrong; one without returns
/// nil there. Wrong values are noted in the sink.
public final class MappingReader {
    /// What the mapping is called in messages: `collector 'postgres'`.
    public var context: String
    /// Where faults are noted.
    public let sink: DiagnosticSink
    /// Where the mapping begins.
    public let position: SourcePosition
    private let entries: [(key: String, value: ValueReader)]
    private let keyPlaces: [String: SourcePosition]
    private var known: [String] = []

    init(
        entries: [(key: String, value: ValueReader)],
        node: YAMLNode,
        context: String,
        sink: DiagnosticSink
    ) {
        self.entries = entries
        self.context = context
        self.sink = sink
        position = node.start
        var places: [String: SourcePosition] = [:]
        if case .mapping(let mapping) = node.kind {
            for entry in mapping.merged + mapping.entries {
                if let key = entry.key.text { places[key] = entry.key.start }
            }
        }
        keyPlaces = places
    }

    /// The keys in the order of the file.
    public var keys: [String] { entries.map(\.key) }

    /// Notes an error at the mapping.
    public func error(_ message: String) { sink.error(at: position, message) }

    /// Notes an error at a key, or at the mapping where it lacks the key.
    public func error(atKey key: String, _ message: String) {
        sink.error(at: keyPlaces[key] ?? position, message)
    }

    /// Where a key stands; nil where it is absent.
    public func position(ofKey key: String) -> SourcePosition? { keyPlaces[key] }

    /// Whether a key is there, be its value nothing.
    public func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

    /// The value of a key as it is; nil where the key is absent or its value nothing.
    public func value(_ key: String) -> ValueReader? {
        known.append(key)
        guard let found = entries.last(where: { $0.key == key })?.value, !found.isNull
        else { return nil }
        return ValueReader(node: found.node, name: "'\(key)' of \(context)", sink: sink)
    }

    /// The value of a key that must be there; its absence is noted.
    public func required(_ key: String) -> ValueReader? {
        if let value = value(key) { return value }
        error("\(context) needs '\(key)'")
        return nil
    }

    /// The text of a key.
    public func string(_ key: String) -> String? { value(key)?.string() }

    /// The text of a key, or the default.
    public func string(_ key: String, default standard: String) -> String {
        value(key)?.string() ?? standard
    }

    /// The text of a key that must be there and not empty; empty where it is wrong.
    public func requiredString(_ key: String) -> String {
        guard let value = required(key), let text = value.string() else { return "" }
        if text.isEmpty { value.error("\(value.name) must not be empty") }
        return text
    }

    /// The secret of a key.
    public func secret(_ key: String) -> Secret? { value(key)?.secret() }

    /// The whole number of a key.
    public func int(_ key: String) -> Int? { value(key)?.int() }

    /// The whole number of a key, or the default.
    public func int(_ key: String, default standard: Int) -> Int { value(key)?.int() ?? standard }

    /// The number of a key.
    public func double(_ key: String) -> Double? { value(key)?.double() }

    /// The number of a key, or the default.
    public func double(_ key: String, default standard: Double) -> Double {
        value(key)?.double() ?? standard
    }

    /// The truth of a key.
    public func bool(_ key: String) -> Bool? { value(key)?.bool() }

    /// The truth of a key, or the default.
    public func bool(_ key: String, default standard: Bool) -> Bool {
        value(key)?.bool() ?? standard
    }

    /// The duration of a key.
    public func duration(_ key: String) -> Duration? { value(key)?.duration() }

    /// The duration of a key, or the default.
    public func duration(_ key: String, default standard: Duration) -> Duration {
        value(key)?.duration() ?? standard
    }

    /// The size of a key in bytes.
    public func byteCount(_ key: String) -> Int? { value(key)?.byteCount() }

    /// The value that a key's word stands for, or the default.
    public func choice<Value>(
        _ key: String,
        _ values: KeyValuePairs<String, Value>,
        default standard: Value
    ) -> Value {
        value(key)?.choice(values) ?? standard
    }

    /// The texts of a key's list; none where it is absent.
    public func strings(_ key: String) -> [String] { value(key)?.strings() ?? [] }

    /// The elements of a key's list; none where it is absent.
    public func list(_ key: String) -> [ValueReader] { value(key)?.list() ?? [] }

    /// The mapping of a key; nil where it is absent.
    public func mapping(_ key: String, _ context: String? = nil) -> MappingReader? {
        value(key)?.mapping(context)
    }

    /// The mappings of a key's list; none where it is absent.
    public func mappings(_ key: String, _ context: String? = nil) -> [MappingReader] {
        list(key).compactMap { $0.mapping(context) }
    }

    /// The keys and values of a key's mapping, in the order of the file; none where it is absent.
    public func entries(_ key: String) -> [(key: String, value: ValueReader)] {
        value(key)?.entries() ?? []
    }

    /// The texts of a key's mapping by name; none where it is absent.
    public func stringMap(_ key: String) -> [String: String] {
        var result: [String: String] = [:]
        for (name, value) in entries(key) { result[name] = value.string() }
        return result
    }

    /// Reports each key that no getter asked for, with the nearest one that was.
    public func finish() {
        var reported: Set<String> = []
        for (key, _) in entries where !known.contains(key) && reported.insert(key).inserted {
            let near = nearestName(to: key, in: known).map { " (did you mean '\($0)'?)" } ?? ""
            error(atKey: key, "unknown key '\(key)' in \(context)\(near)")
        }
    }
}
