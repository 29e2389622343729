// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Secrets
public import SourceText

/// One value of a document with the means to say what is wrong with it.
///
/// Each getter returns nil where the value has another type, and notes that in the sink.
public struct ValueReader {
    /// The value as it stands in the file.
    public let node: YAMLNode
    /// What the value is called in messages: `'interval' of collector 'postgres'`.
    public let name: String
    /// Where faults are noted.
    public let sink: DiagnosticSink

    /// Reads a node under a name.
    public init(node: YAMLNode, name: String, sink: DiagnosticSink) {
        self.node = node
        self.name = name
        self.sink = sink
    }

    /// Where the value stands.
    public var position: SourcePosition { node.start }

    /// Whether the value is nothing: empty, `~` or `null`.
    public var isNull: Bool { node.isNull }

    /// Notes an error at the value.
    public func error(_ message: String) { sink.error(at: position, message) }

    /// Notes an error at a byte of the decoded text of the value.
    public func error(atUTF8Offset offset: Int, _ message: String) {
        sink.error(at: position(ofUTF8Offset: offset), message)
    }

    /// The place in the file of a byte of the decoded text; of the value where it is no text.
    ///
    /// - Complexity: O(length of the file); for errors only.
    public func position(ofUTF8Offset offset: Int) -> SourcePosition {
        guard case .scalar(let scalar) = node.kind else { return node.start }
        return ConfigYAML.position(
            ofUTF8Offset: offset,
            in: scalar,
            at: node,
            source: sink.file.text
        )
    }

    /// The text, with `${...}` replaced; numbers and truths count as their text, as in go-yaml.
    public func string() -> String? {
        guard let text = node.text else { return mismatch("a string") }
        if isNull { return "" }
        let (result, problems) = sink.substitution.expand(text)
        for problem in problems { error(atUTF8Offset: problem.utf8Offset, problem.message) }
        return problems.isEmpty ? result : nil
    }

    /// The text as a secret.
    public func secret() -> Secret? { string().map(Secret.init) }

    /// The whole number.
    public func int() -> Int? { resolved(\.int) ?? mismatch("a whole number") }

    /// The number.
    public func double() -> Double? { resolved(\.double) ?? mismatch("a number") }

    /// The truth.
    public func bool() -> Bool? { resolved(\.bool) ?? mismatch("true or false") }

    /// The duration, in Prometheus' syntax.
    public func duration() -> Duration? {
        guard let text = node.text == nil ? nil : string() else {
            return node.text == nil ? mismatch("a duration") : nil
        }
        return configDuration(text) ?? mismatch("a duration such as 15s or 1h30m")
    }

    /// The size in bytes.
    public func byteCount() -> Int? {
        guard let text = node.text == nil ? nil : string() else {
            return node.text == nil ? mismatch("a size") : nil
        }
        return configByteCount(text) ?? mismatch("a size such as 512MB")
    }

    /// The value that one of the words stands for.
    public func choice<Value>(_ values: KeyValuePairs<String, Value>) -> Value? {
        guard let text = string() else { return nil }
        if let pair = values.first(where: { $0.key == text }) { return pair.value }
        let words = values.map(\.key)
        let near = nearestName(to: text, in: words).map { " (did you mean '\($0)'?)" } ?? ""
        error("\(name) must be one of \(words.joined(separator: ", ")), not '\(text)'\(near)")
        return nil
    }

    /// The elements of a list; nothing gives none.
    public func list() -> [ValueReader]? {
        if isNull { return [] }
        guard case .sequence(let items) = node.kind else { return mismatch("a list") }
        return items.enumerated().map { index, item in
            ValueReader(node: item, name: "element \(index + 1) of \(name)", sink: sink)
        }
    }

    /// The texts of a list; nothing gives none.
    public func strings() -> [String]? { list()?.compactMap { $0.string() } }

    /// The keys and values, merged ones included, in the order of the file.
    public func entries() -> [(key: String, value: ValueReader)]? {
        if isNull { return [] }
        guard case .mapping(let mapping) = node.kind else { return mismatch("a mapping") }
        let isMerging = { (key: YAMLNode) in
            if case .scalar(let scalar) = key.kind {
                scalar.text == "<<" && scalar.style == .plain
            } else {
                false
            }
        }
        let written = mapping.entries.filter { !isMerging($0.key) }
        return (written + mapping.merged).compactMap { entry in
            guard let key = entry.key.text else {
                sink.error(at: entry.key.start, "a key of \(name) must be a string")
                return nil
            }
            let value = ValueReader(node: entry.value, name: "'\(key)' of \(name)", sink: sink)
            return (key, value)
        }
    }

    /// The mapping, to be read key by key; `context` names it in messages: `collector 'postgres'`.
    public func mapping(_ context: String? = nil) -> MappingReader? {
        guard let entries = entries() else { return nil }
        return MappingReader(
            entries: entries,
            node: node,
            context: context ?? name,
            sink: sink
        )
    }

    private func resolved<Value>(_ type: KeyPath<YAMLNode, Value?>) -> Value? {
        guard case .scalar(let scalar) = node.kind else { return nil }
        if let value = node[keyPath: type] { return value }
        // A replaced value counts as if its text had been written there.
        guard sink.substitution.isActive, scalar.text.contains("${"), let text = string()
        else { return nil }
        let plain = YAMLScalar(text: text, style: .plain)
        let copy = YAMLNode(kind: .scalar(plain), start: node.start, end: node.end, weight: 1)
        return copy[keyPath: type]
    }

    private func mismatch<Value>(_ wanted: String) -> Value? {
        let found =
            switch node.kind {
            case .scalar(let scalar): "'\(scalar.text)'"
            case .sequence: "a list"
            case .mapping: "a mapping"
            }
        error("\(name) must be \(wanted), not \(found)")
        return nil
    }
}
