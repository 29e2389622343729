// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import SourceText

/// Why a template cannot be parsed or expanded.
public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line, in Go's words where Go has some.
    public let message: String
    /// The place in the template's text.
    public let position: SourcePosition
    /// The same place as a byte offset.
    public let utf8Offset: Int

    /// `line:column: message`.
    public var description: String { "\(position): \(message)" }
}

/// How much a template may do; a rule's author may be careless, an alert's label may be hostile.
public struct TemplateLimits: Sendable, Hashable {
    /// Bytes of output.
    public var outputBytes = 1 << 20
    /// Steps: nodes visited and functions called.
    public var steps = 200_000
    /// Nested templates.
    public var depth = 64

    /// Makes the standard limits.
    public init() {}
}

/// Named templates that others may use, such as those of template files.
public struct TemplateLibrary: Sendable {
    var definitions: [String: [TemplateNode]] = [:]

    /// A library without templates.
    public static let empty = TemplateLibrary()

    /// Makes an empty library.
    public init() {}

    /// The names of the templates.
    public var names: [String] { definitions.keys.sorted() }

    /// Adds the templates that a text defines, and its own body under `name`; later ones win.
    ///
    /// - Throws: `TemplateError` at the first mistake.
    @discardableResult
    public mutating func add(
        parsing text: String,
        name: String
    ) throws(TemplateError) -> Template {
        let template = try Template(parsing: text, name: name, library: self)
        definitions = template.definitions
        return template
    }
}

/// A template that is called and that nobody defines.
public struct UndefinedTemplate: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The place of the call, as a byte offset.
    public let utf8Offset: Int
}

/// A template in the language of Go's `text/template`, ready to be expanded.
///
/// Source: Go, text/template; Prometheus, template/template.go; Alertmanager, template/template.go.
public struct Template: Sendable {
    /// What the template is called in messages.
    public let name: String
    let definitions: [String: [TemplateNode]]
    let variables: [(name: String, field: String)]
    private let text: String
    private let calls: [(name: String, offset: Int)]

    /// The variables of Prometheus' rules with the field of the data that each stands for.
    public static let ruleVariables: KeyValuePairs<String, String> = [
        "$labels": "Labels", "$value": "Value", "$externalLabels": "ExternalLabels",
        "$externalURL": "ExternalURL",
    ]

    /// Parses a template; it sees the templates of `library` and, by name, fields of its data.
    ///
    /// - Throws: `TemplateError` at the first mistake.
    public init(
        parsing text: String,
        name: String,
        library: TemplateLibrary = .empty,
        variables: KeyValuePairs<String, String> = [:]
    ) throws(TemplateError) {
        self.name = name
        self.text = text
        self.variables = variables.map { ($0.key, $0.value) }
        var parser = TemplateParser(text: text, variables: variables.map(\.key))
        let body = try parser.parse()
        calls = parser.calls
        var definitions = library.definitions
        definitions[name] = body
        definitions.merge(parser.definitions) { $1 }
        self.definitions = definitions
    }

    /// The templates that it calls and nobody defines, each with the call's place.
    ///
    /// To call one is an error when it is expanded, as in Go; whoever has all files may ask before.
    public func undefinedCalls(in library: TemplateLibrary = .empty) -> [UndefinedTemplate] {
        calls.filter { definitions[$0.name] == nil && library.definitions[$0.name] == nil }
            .map { UndefinedTemplate(name: $0.name, utf8Offset: $0.offset) }
    }

    /// Whether expanding can give nothing but the text itself.
    public var isLiteral: Bool { !text.utf8.contains(UInt8(ascii: "{")) }

    /// Expands the template with `data` as its dot.
    ///
    /// - Throws: `TemplateError` where a function fails, a field is missing, or a limit is reached.
    public func expand(
        _ data: TemplateValue,
        functions: TemplateFunctions = .standard,
        limits: TemplateLimits = TemplateLimits()
    ) async throws(TemplateError) -> String {
        if isLiteral { return text }
        var evaluation = TemplateEvaluation(
            definitions: definitions,
            functions: functions,
            limits: limits,
            text: text,
            root: data
        )
        for (name, field) in variables {
            var value = TemplateValue.null
            if case .object(let fields) = data { value = fields[field] ?? .string("") }
            evaluation.variables.append((name, value))
        }
        try await evaluation.run(definitions[name] ?? [], dot: data)
        return evaluation.output
    }
}
