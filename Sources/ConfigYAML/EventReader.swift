// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CYAML
internal import SourceText

/// How large a tree may grow.
public struct YAMLLimits: Sendable {
    /// Nodes of one document, each alias counted as often as it is used.
    public var nodes = 1_000_000
    /// How deep collections may be nested.
    public var depth = 100

    /// Makes the standard limits.
    public init() {}
}

/// The documents of a text, as far as it could be read, and what is wrong with them.
struct Composition {
    var documents: [YAMLNode] = []
    var diagnostics: [Diagnostic] = []
}

/// Reads all documents of a file; a syntax error ends the reading, a duplicate key does not.
func compose(_ file: SourceFile, limits: YAMLLimits = YAMLLimits()) -> Composition {
    var reader = EventReader(file: file, limits: limits)
    var result = Composition()
    var text = file.text
    // A forced encoding keeps a byte order mark as text, a detected one admits UTF-16.
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    text.withUTF8 { bytes in
        do throws(Diagnostic) {
            result.documents = try unsafe reader.documents(in: bytes)
        } catch {
            result.diagnostics.append(error)
        }
    }
    result.diagnostics += reader.problems
    return result
}

extension SourcePosition {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}

/// Owns a `yaml_parser_t` and composes its events.
@safe private struct EventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let event: UnsafeMutablePointer<yaml_event_t>
    private var anchors: [String: YAMLNode] = [:]
    private var open: Set<String> = []
    private var depth = 0
    private let limits: YAMLLimits
    private let file: SourceFile
    /// Mistakes that do not end the reading.
    private(set) var problems: [Diagnostic] = []

    init(file: SourceFile, limits: YAMLLimits) {
        self.file = file
        self.limits = limits
        unsafe parser = .allocate(capacity: 1)
        unsafe event = .allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            preconditionFailure("no memory for a YAML parser")
        }
        unsafe event.initialize(to: yaml_event_t())
    }

    deinit {
        unsafe yaml_event_delete(event)
        unsafe yaml_parser_delete(parser)
        unsafe event.deallocate()
        unsafe parser.deallocate()
    }

    mutating func documents(in bytes: UnsafeBufferPointer<UInt8>) throws(Diagnostic) -> [YAMLNode] {
        unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        var documents: [YAMLNode] = []
        while true {
            try advance()
            switch unsafe event.pointee.type {
            case YAML_STREAM_END_EVENT:
                return documents
            case YAML_DOCUMENT_START_EVENT:
                anchors = [:]
                try advance()
                documents.append(try node())
            default:
                continue
            }
        }
    }

    private mutating func advance() throws(Diagnostic) {
        unsafe yaml_event_delete(event)
        guard unsafe yaml_parser_parse(parser, event) == 1 else { throw syntaxError() }
    }

    /// Composes the node that begins with the current event; leaves its last event current.
    private mutating func node() throws(Diagnostic) -> YAMLNode {
        let start = unsafe SourcePosition(event.pointee.start_mark)
        switch unsafe event.pointee.type {
        case YAML_ALIAS_EVENT:
            return try alias(unsafe name(event.pointee.data.alias.anchor) ?? "", at: start)
        case YAML_SCALAR_EVENT:
            let anchor = unsafe name(event.pointee.data.scalar.anchor)
            let node = unsafe YAMLNode(
                kind: .scalar(scalar()),
                start: start,
                end: SourcePosition(event.pointee.end_mark),
                weight: 1
            )
            if let anchor { anchors[anchor] = node }
            return node
        case YAML_SEQUENCE_START_EVENT:
            let anchor = unsafe name(event.pointee.data.sequence_start.anchor)
            return try collection(anchor, start) { reader throws(Diagnostic) in
                try reader.sequence()
            }
        default:
            let anchor = unsafe name(event.pointee.data.mapping_start.anchor)
            return try collection(anchor, start) { reader throws(Diagnostic) in
                try reader.mapping(from: start)
            }
        }
    }

    private func scalar() -> YAMLScalar {
        let scalar = unsafe event.pointee.data.scalar
        let style: YAMLScalar.Style =
            switch unsafe scalar.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
            case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
            case YAML_LITERAL_SCALAR_STYLE: .literal
            case YAML_FOLDED_SCALAR_STYLE: .folded
            default: .plain
            }
        let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        return unsafe YAMLScalar(text: String(decoding: bytes, as: UTF8.self), style: style)
    }

    private mutating func alias(
        _ name: String,
        at place: SourcePosition
    ) throws(Diagnostic) -> YAMLNode {
        if let node = anchors[name], !open.contains(name) { return node }
        let message =
            open.contains(name) ? "anchor '\(name)' contains itself" : "unknown anchor '\(name)'"
        throw Diagnostic(in: file, at: place, message)
    }

    private mutating func collection(
        _ anchor: String?,
        _ start: SourcePosition,
        _ body: (inout EventReader) throws(Diagnostic) -> (YAMLNode.Kind, Int)
    ) throws(Diagnostic) -> YAMLNode {
        if let anchor { open.insert(anchor) }
        depth += 1
        guard depth <= limits.depth else { throw tooLarge("nested too deep", start) }
        let (kind, weight) = try body(&self)
        depth -= 1
        guard weight <= limits.nodes else { throw tooLarge("too many nodes", start) }
        let node = unsafe YAMLNode(
            kind: kind,
            start: start,
            end: SourcePosition(event.pointee.end_mark),
            weight: weight
        )
        if let anchor {
            open.remove(anchor)
            anchors[anchor] = node
        }
        return node
    }

    private mutating func sequence() throws(Diagnostic) -> (YAMLNode.Kind, Int) {
        var items: [YAMLNode] = []
        var weight = 1
        while true {
            try advance()
            if unsafe event.pointee.type == YAML_SEQUENCE_END_EVENT { break }
            items.append(try node())
            weight += items[items.count - 1].weight
            guard weight <= limits.nodes else {
                throw tooLarge("too many nodes", items[items.count - 1].start)
            }
        }
        return (.sequence(items), weight)
    }

    private mutating func mapping(
        from start: SourcePosition
    ) throws(Diagnostic) -> (YAMLNode.Kind, Int) {
        var entries: [YAMLMapping.Entry] = []
        var places: [String: SourcePosition] = [:]
        var merges: [YAMLNode] = []
        var weight = 1
        while true {
            try advance()
            if unsafe event.pointee.type == YAML_MAPPING_END_EVENT { break }
            let key = try node()
            try advance()
            let value = try node()
            weight += key.weight + value.weight
            guard weight <= limits.nodes else { throw tooLarge("too many nodes", key.start) }
            entries.append(YAMLMapping.Entry(key: key, value: value))
            guard case .scalar(let scalar) = key.kind else { continue }
            if scalar.text == "<<", scalar.style == .plain {
                merges.append(value)
            } else if let first = places.updateValue(key.start, forKey: scalar.text) {
                let message = "key '\(scalar.text)' is already defined at \(first)"
                problems.append(Diagnostic(in: file, at: key.start, message))
            }
        }
        let merged = merges.isEmpty ? [] : try merge(merges, under: places)
        return (.mapping(YAMLMapping(entries: entries, merged: merged)), weight)
    }

    /// The entries of the merged mappings that nothing before them defines.
    private func merge(
        _ sources: [YAMLNode],
        under places: [String: SourcePosition]
    ) throws(Diagnostic) -> [YAMLMapping.Entry] {
        var seen = Set(places.keys)
        var merged: [YAMLMapping.Entry] = []
        func take(_ node: YAMLNode) throws(Diagnostic) {
            guard case .mapping(let mapping) = node.kind else {
                let message = "map merge requires map or sequence of maps as the value"
                throw Diagnostic(in: file, at: node.start, message)
            }
            for entry in mapping.entries + mapping.merged {
                guard let key = entry.key.text, key != "<<", seen.insert(key).inserted
                else { continue }
                merged.append(entry)
            }
        }
        for source in sources {
            if case .sequence(let items) = source.kind {
                for item in items { try take(item) }
            } else {
                try take(source)
            }
        }
        return merged
    }

    private func name(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        return unsafe String(decodingCString: pointer, as: UTF8.self)
    }

    private func tooLarge(_ message: String, _ place: SourcePosition) -> Diagnostic {
        Diagnostic(in: file, at: place, message)
    }

    private func syntaxError() -> Diagnostic {
        func text(_ pointer: UnsafePointer<CChar>?) -> String? {
            guard let pointer = unsafe pointer else { return nil }
            return unsafe String(cString: pointer)
        }
        let problem = unsafe text(parser.pointee.problem) ?? "unknown problem"
        if unsafe parser.pointee.error == YAML_READER_ERROR {
            // The reader knows an offset only; its mark is that of the last token.
            let offset = unsafe Int(parser.pointee.problem_offset)
            let place = SourcePosition(utf8Offset: offset, in: file.text)
            return Diagnostic(in: file, at: place, "not valid YAML: \(problem)")
        }
        let context = unsafe text(parser.pointee.context)
        let place = unsafe SourcePosition(parser.pointee.problem_mark)
        return Diagnostic(in: file, at: place, context.map { "\(problem), \($0)" } ?? problem)
    }
}
