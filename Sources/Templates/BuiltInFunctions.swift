// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Go's own functions; nil where `name` is none of them.
func builtIn(
    _ name: String,
    _ arguments: Arguments
) throws(TemplateFailure) -> TemplateValue? {
    let values = arguments.values
    switch name {
    case "not": return .bool(!arguments[0].isTrue)
    case "eq":
        try arguments.expect(2...99)
        for other in values.dropFirst() where try order(values[0], other) == 0 {
            return .bool(true)
        }
        return .bool(false)
    case "ne": return .bool(try order(values, arguments) != 0)
    case "lt": return .bool(try order(values, arguments) == -1)
    case "le": return .bool([-1, 0].contains(try order(values, arguments)))
    case "gt": return .bool(try order(values, arguments) == 1)
    case "ge": return .bool([1, 0].contains(try order(values, arguments)))
    case "print": return .string(printed(values))
    case "println": return .string(values.map(goText).joined(separator: " ") + "\n")
    case "printf":
        try arguments.expect(1...99)
        return .string(goFormat(try arguments.string(0), Array(values.dropFirst())))
    case "len": return .int(try length(arguments[0]))
    case "index": return try indexed(values)
    case "slice": return try slice(arguments)
    case "html": return .string(htmlEscaped(printed(values)))
    case "js": return .string(scriptEscaped(printed(values)))
    case "urlquery": return .string(queryEscaped(printed(values)))
    default: return nil
    }
}

/// Go's `Sprint`: spaces stand between values that are both no texts.
private func printed(_ values: [TemplateValue]) -> String {
    var result = ""
    var wasText = true
    for value in values {
        var isText = false
        if case .string = value { isText = true }
        if !isText, !wasText { result += " " }
        result += goText(value)
        wasText = isText
    }
    return result
}

/// -1, 0, 1; 2 where the values are not ordered, as NaN is.
private func order(_ values: [TemplateValue], _ arguments: Arguments) throws(TemplateFailure) -> Int
{
    try arguments.expect(2...2)
    return try order(values[0], values[1])
}

private func order(_ a: TemplateValue, _ b: TemplateValue) throws(TemplateFailure) -> Int {
    func compare<Value: Comparable>(_ a: Value, _ b: Value) -> Int {
        a < b ? -1 : a == b ? 0 : a > b ? 1 : 2
    }
    switch (a, b) {
    case (.int(let a), .int(let b)): return compare(a, b)
    case (.float(let a), .float(let b)): return compare(a, b)
    case (.int(let a), .float(let b)): return compare(Double(a), b)
    case (.float(let a), .int(let b)): return compare(a, Double(b))
    case (.string(let a), .string(let b)):
        return a == b ? 0 : a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
    case (.bool(let a), .bool(let b)): return a == b ? 0 : 2
    case (.duration(let a), .duration(let b)): return compare(a, b)
    case (.time(let a, _), .time(let b, _)): return compare(a, b)
    case (.null, .null): return 0
    case (.null, _), (_, .null): return 2
    default: throw TemplateFailure("incompatible types for comparison")
    }
}

private func length(_ value: TemplateValue) throws(TemplateFailure) -> Int {
    switch value {
    case .string(let text), .markup(let text): return text.utf8.count
    case .list(let items): return items.count
    case .map(let entries): return entries.count
    default: throw TemplateFailure("len of type \(value.typeName)")
    }
}

private func indexed(_ values: [TemplateValue]) throws(TemplateFailure) -> TemplateValue {
    guard var value = values.first else { throw TemplateFailure("index of untyped nil") }
    for key in values.dropFirst() {
        switch (value, key) {
        case (.map(let entries), .string(let name)): value = entries[name] ?? .string("")
        case (.list(let items), .int(let index)):
            guard items.indices.contains(index) else {
                throw TemplateFailure("index out of range: \(index)")
            }
            value = items[index]
        case (.string(let text), .int(let index)):
            let bytes = Array(text.utf8)
            guard bytes.indices.contains(index) else {
                throw TemplateFailure("index out of range: \(index)")
            }
            value = .int(Int(bytes[index]))
        default: throw TemplateFailure("can't index item of type \(value.typeName)")
        }
    }
    return value
}

private func slice(_ arguments: Arguments) throws(TemplateFailure) -> TemplateValue {
    let count = try length(arguments[0])
    let start = arguments.count > 1 ? try arguments.int(1) : 0
    let end = arguments.count > 2 ? try arguments.int(2) : count
    guard 0 <= start, start <= end, end <= count else {
        throw TemplateFailure("slice bounds out of range: \(start) to \(end)")
    }
    switch arguments[0] {
    case .list(let items): return .list(Array(items[start..<end]))
    default:
        let bytes = Array(goText(arguments[0]).utf8)[start..<end]
        return .string(String(decoding: bytes, as: UTF8.self))
    }
}

/// Go's `HTMLEscapeString`.
func htmlEscaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&#34;"
        case "'": result += "&#39;"
        case "\0": result += "\u{FFFD}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

private func scriptEscaped(_ text: String) -> String {
    let escapes: [Unicode.Scalar: String] = [
        "\\": "\\\\", "'": "\\'", "\"": "\\\"", "<": "\\u003C", ">": "\\u003E", "&": "\\u0026",
        "=": "\\u003D", "\n": "\\u000A",
    ]
    return text.unicodeScalars.map { escapes[$0] ?? "\($0)" }.joined()
}

/// Escapes a text for the query of an address as Go's `QueryEscape` does: a space becomes `+`.
public func queryEscaped(_ text: String) -> String {
    text.utf8.map { byte in
        let isLetter = (65...90).contains(byte) || (97...122).contains(byte)
        if isLetter || (48...57).contains(byte) || [45, 46, 95, 126].contains(byte) {
            return String(Unicode.Scalar(byte))
        }
        if byte == 32 { return "+" }
        return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
}
