// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// Why a function of a template fails; the evaluation adds its name and place.
public struct TemplateFailure: Error, Sendable, Hashable {
    /// One line.
    public let message: String

    /// States a failure.
    public init(_ message: String) { self.message = message }
}

/// What the functions of templates reach outside: queries, the clock, the address of the daemon.
public struct TemplateFunctions: Sendable {
    /// Answers `query`; each element is an object with `Labels` and `Value`.
    public var query: @Sendable (String) async throws(TemplateFailure) -> [TemplateValue]
    /// What `now` gives.
    public var now: Timestamp
    /// What `externalURL` gives.
    public var externalURL: String
    /// Whether what actions give is escaped for HTML.
    public var escapesHTML: Bool

    /// Makes functions; without `query` that function fails.
    public init(
        now: Timestamp = Timestamp(milliseconds: 0),
        externalURL: String = "",
        escapesHTML: Bool = false,
        query: @escaping @Sendable (String) async throws(TemplateFailure) -> [TemplateValue] = {
            _ throws(TemplateFailure) in throw TemplateFailure("queries are not possible here")
        }
    ) {
        self.query = query
        self.now = now
        self.externalURL = externalURL
        self.escapesHTML = escapesHTML
    }

    /// Functions that reach nothing outside.
    public static let standard = TemplateFunctions()

    /// The names of all functions.
    public static let names: Set<String> = [
        "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "print", "printf", "println", "len",
        "index", "slice", "html", "js", "urlquery", "call",
        "query", "first", "label", "value", "sortByLabel", "strvalue", "humanize", "humanize1024",
        "humanizeDuration", "humanizePercentage", "humanizeTimestamp", "toTime", "toDuration",
        "now",
        "title", "toUpper", "toLower", "stripPort", "stripDomain", "match", "reReplaceAll",
        "graphLink", "tableLink", "parseDuration", "urlQueryEscape", "args", "externalURL",
        "pathPrefix", "tmpl", "safeHtml",
        "append", "base64decode", "base64encode", "date", "dict", "join", "list", "mustToDate",
        "routeLabels", "safeUrl", "since", "stringSlice", "toDate", "toJson", "trimSpace", "tz",
        "urlUnescape",
    ]

    /// A sample as `query` gives it.
    public static func sample(labels: LabelSet, value: Double) -> TemplateValue {
        .object(["Labels": .labels(labels), "Value": .float(value)])
    }

    /// What an action writes.
    func escaped(_ value: TemplateValue) -> String {
        if case .markup(let text) = value { return text }
        return escapesHTML ? htmlEscaped(goText(value)) : goText(value)
    }

    func call(
        _ name: String,
        _ arguments: [TemplateValue]
    ) async throws(TemplateFailure) -> TemplateValue {
        switch name {
        case "query":
            return .list(try await query(try Arguments(arguments, count: 1...1).string(0)))
        case "now": return .time(now, zone: "UTC")
        case "since": return .duration(now - (try Arguments(arguments, count: 1...1).time(0).0))
        case "externalURL": return .string(externalURL)
        case "pathPrefix": return .string(pathPrefix)
        default: break
        }
        let arguments = Arguments(arguments)
        if let value = try builtIn(name, arguments) { return value }
        if let value = try numberFunction(name, arguments) { return value }
        if let value = try textFunction(name, arguments) { return value }
        if let value = try dataFunction(name, arguments) { return value }
        throw TemplateFailure("the function is not available here")
    }

    private var pathPrefix: String {
        let parts = externalURL.split(
            separator: "/",
            maxSplits: 3,
            omittingEmptySubsequences: false
        )
        guard parts.count > 3 else { return "" }
        let path = parts[3].prefix { $0 != "?" && $0 != "#" }
        return path.isEmpty ? "" : "/" + (path.hasSuffix("/") ? path.dropLast() : path)
    }
}

/// The arguments of a call, with the checks of their types.
struct Arguments {
    let values: [TemplateValue]

    init(_ values: [TemplateValue]) { self.values = values }

    init(_ values: [TemplateValue], count: ClosedRange<Int>) throws(TemplateFailure) {
        self.values = values
        try expect(count)
    }

    var count: Int { values.count }

    func expect(_ range: ClosedRange<Int>) throws(TemplateFailure) {
        guard range.contains(count) else {
            throw TemplateFailure("wrong number of args: want \(range.lowerBound) got \(count)")
        }
    }

    subscript(index: Int) -> TemplateValue { index < values.count ? values[index] : .null }

    func string(_ index: Int) throws(TemplateFailure) -> String {
        switch self[index] {
        case .string(let text), .markup(let text): return text
        default:
            throw TemplateFailure(
                "wrong type for value; expected string; got \(self[index].typeName)"
            )
        }
    }

    func int(_ index: Int) throws(TemplateFailure) -> Int {
        guard case .int(let value) = self[index] else {
            throw TemplateFailure("wrong type for value; expected int; got \(self[index].typeName)")
        }
        return value
    }

    /// A number, also out of a text or a duration, as Prometheus' `convertToFloat` takes it.
    func double(_ index: Int) throws(TemplateFailure) -> Double {
        switch self[index] {
        case .int(let value): return Double(value)
        case .float(let value): return value
        case .duration(let value): return value.inSeconds
        case .string(let text):
            if let value = Double(text) { return value }
            throw TemplateFailure("strconv.ParseFloat: parsing \(quoted(text)): invalid syntax")
        default: throw TemplateFailure("can't convert \(self[index].typeName) to float")
        }
    }

    func time(_ index: Int) throws(TemplateFailure) -> (Timestamp, zone: String) {
        guard case .time(let time, let zone) = self[index] else {
            throw TemplateFailure("expected a time; got \(self[index].typeName)")
        }
        return (time, zone)
    }

    func list(_ index: Int) throws(TemplateFailure) -> [TemplateValue] {
        guard case .list(let items) = self[index] else {
            throw TemplateFailure(
                "wrong type for value; expected slice; got \(self[index].typeName)"
            )
        }
        return items
    }

    func fields(_ index: Int) throws(TemplateFailure) -> [String: TemplateValue] {
        switch self[index] {
        case .map(let fields), .object(let fields): return fields
        default:
            throw TemplateFailure(
                "wrong type for value; expected sample; got \(self[index].typeName)"
            )
        }
    }
}
