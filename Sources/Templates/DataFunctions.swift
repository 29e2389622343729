// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CivilTime
internal import Samples

/// Functions on samples, lists and times; nil where `name` is none of them.
func dataFunction(
    _ name: String,
    _ arguments: Arguments
) throws(TemplateFailure) -> TemplateValue? {
    switch name {
    case "first":
        guard let first = try arguments.list(0).first else {
            throw TemplateFailure("first() called on vector with no elements")
        }
        return first
    case "label": return try label(try arguments.string(0), of: arguments, at: 1)
    case "value": return try arguments.fields(0)["Value"] ?? .null
    case "strvalue": return try label("__value__", of: arguments, at: 0)
    case "sortByLabel":
        let name = try arguments.string(0)
        let items = try arguments.list(1)
        return .list(items.sorted { labelText(name, $0) < labelText(name, $1) })
    case "args":
        let pairs = arguments.values.enumerated().map { ("arg\($0)", $1) }
        return .map(Dictionary(pairs) { $1 })
    case "join":
        return .string(try arguments.list(1).map(goText).joined(separator: try arguments.string(0)))
    case "stringSlice", "list": return .list(arguments.values)
    case "append":
        try arguments.expect(1...99)
        return .list(try arguments.list(0) + arguments.values.dropFirst())
    case "dict": return try dictionary(arguments)
    case "toJson": return .string(json(arguments[0]))
    case "date":
        let (time, zone) = try arguments.time(1)
        let layout = try arguments.string(0)
        let place = Zone(named: zone) ?? .utc
        return .string(formatted(milliseconds: time.milliseconds, layout: layout, in: place))
    case "tz":
        let zone = try arguments.string(0)
        guard Zone(named: zone) != nil else {
            throw TemplateFailure("unknown time zone \(zone)")
        }
        return .time(try arguments.time(1).0, zone: zone)
    default: return nil
    }
}

private func label(
    _ name: String,
    of arguments: Arguments,
    at index: Int
) throws(TemplateFailure) -> TemplateValue {
    guard case .map(let labels)? = try arguments.fields(index)["Labels"] else { return .string("") }
    return labels[name] ?? .string("")
}

private func labelText(_ name: String, _ sample: TemplateValue) -> String {
    guard case .object(let fields) = sample, case .map(let labels)? = fields["Labels"]
    else { return "" }
    return labels[name].map(goText) ?? ""
}

private func dictionary(_ arguments: Arguments) throws(TemplateFailure) -> TemplateValue {
    guard arguments.count % 2 == 0 else { throw TemplateFailure("dict needs pairs") }
    var entries: [String: TemplateValue] = [:]
    for index in stride(from: 0, to: arguments.count, by: 2) {
        entries[try arguments.string(index)] = arguments[index + 1]
    }
    return .map(entries)
}

private func json(_ value: TemplateValue) -> String {
    switch value {
    case .null: "null"
    case .bool, .int: goText(value)
    case .float(let number): number.isFinite ? goText(value) : "null"
    case .string(let text), .markup(let text): jsonText(text)
    case .list(let items): "[" + items.map(json).joined(separator: ",") + "]"
    case .map(let entries), .object(let entries):
        "{"
            + entries.sorted { $0.key < $1.key }.map { jsonText($0.key) + ":" + json($0.value) }
            .joined(separator: ",") + "}"
    case .time(let time, let zone):
        jsonText(rfc3339(milliseconds: time.milliseconds, in: Zone(named: zone) ?? .utc))
    case .duration(let duration): "\(duration.milliseconds)000000"
    }
}

private func jsonText(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case "<", ">", "&": result += "\\u00" + String(scalar.value, radix: 16)
        case _ where scalar.value < 32:
            let digits = String(scalar.value, radix: 16)
            result += "\\u00" + (digits.utf8.count < 2 ? "0" : "") + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
