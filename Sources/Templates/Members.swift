// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CivilTime
internal import Samples

/// The field or method of a value: fields of maps and structures first, then what Go's and
/// Alertmanager's types offer (`SortedPairs`, `Firing`, `Format` and others).
func memberValue(
    _ name: String,
    of value: TemplateValue,
    _ arguments: [TemplateValue]
) throws(TemplateFailure) -> TemplateValue {
    switch value {
    case .object(let fields):
        guard let field = fields[name] else {
            throw TemplateFailure("can't evaluate field \(name)")
        }
        return field
    case .map(let entries): return entries[name] ?? mapMethod(name, entries, arguments)
    case .list(let items): return try listMethod(name, items, arguments)
    case .time(let time, let zone): return try timeMethod(name, time, zone, arguments)
    case .duration(let duration): return try durationMethod(name, duration)
    case .null: throw TemplateFailure("nil data; no entry for key \"\(name)\"")
    default: throw TemplateFailure("can't evaluate field \(name) in type \(value.typeName)")
    }
}

private func mapMethod(
    _ name: String,
    _ entries: [String: TemplateValue],
    _ arguments: [TemplateValue]
) -> TemplateValue {
    // Alertmanager puts the alert's name first, whatever the alphabet says.
    let keys = entries.keys.sorted { a, b in
        (a == "alertname" ? 0 : 1, a) < (b == "alertname" ? 0 : 1, b)
    }
    switch name {
    case "SortedPairs":
        return .list(
            keys.map { .object(["Name": .string($0), "Value": entries[$0] ?? .string("")]) }
        )
    case "Names": return .list(keys.map { .string($0) })
    case "Values": return .list(keys.map { entries[$0] ?? .string("") })
    case "Remove":
        var rest = entries
        for argument in arguments {
            if case .list(let names) = argument { for name in names { rest[goText(name)] = nil } }
        }
        return .map(rest)
    default: return .string("")
    }
}

private func listMethod(
    _ name: String,
    _ items: [TemplateValue],
    _ arguments: [TemplateValue]
) throws(TemplateFailure) -> TemplateValue {
    func field(_ item: TemplateValue, _ name: String) -> TemplateValue {
        if case .object(let fields) = item { fields[name] ?? .null } else { .null }
    }
    switch name {
    case "Firing", "Resolved":
        let status = TemplateValue.string(name.lowercased())
        return .list(items.filter { field($0, "Status") == status })
    case "Names": return .list(items.map { field($0, "Name") })
    case "Values": return .list(items.map { field($0, "Value") })
    case "Join":
        return .string(items.map(goText).joined(separator: arguments.first.map(goText) ?? ""))
    case "String":
        return .string(
            items.map { "\(goText(field($0, "Name")))=\(goText(field($0, "Value")))" }
                .joined(separator: ", ")
        )
    case "Len": return .int(items.count)
    default: throw TemplateFailure("can't evaluate field \(name) in type slice")
    }
}

private func timeMethod(
    _ name: String,
    _ time: Timestamp,
    _ zone: String,
    _ arguments: [TemplateValue]
) throws(TemplateFailure) -> TemplateValue {
    let place = Zone(named: zone) ?? .utc
    let civil = place.civil(atMilliseconds: time.milliseconds)
    switch name {
    case "Format":
        let layout = arguments.first.map(goText) ?? ""
        return .string(formatted(milliseconds: time.milliseconds, layout: layout, in: place))
    case "Unix": return .int(Int(time.seconds.rounded(.down)))
    case "UnixMilli": return .int(Int(time.milliseconds))
    case "UTC": return .time(time, zone: "UTC")
    case "Local": return .time(time, zone: "localtime")
    case "Year": return .int(civil.year)
    case "Month": return .int(civil.month)
    case "Day": return .int(civil.day)
    case "Hour": return .int(civil.hour)
    case "Minute": return .int(civil.minute)
    case "Second": return .int(civil.second)
    case "IsZero": return .bool(time.milliseconds == zeroTime.milliseconds)
    case "String": return .string(goText(.time(time, zone: zone)))
    case "Sub":
        guard case .time(let other, _)? = arguments.first else {
            throw TemplateFailure("Sub needs a time")
        }
        return .duration(time - other)
    case "Add":
        guard case .duration(let duration)? = arguments.first else {
            throw TemplateFailure("Add needs a duration")
        }
        return .time(time + duration, zone: zone)
    default: throw TemplateFailure("can't evaluate field \(name) in type time.Time")
    }
}

/// Go's zero time, the first moment of year 1.
private let zeroTime = Timestamp(milliseconds: -62_135_596_800_000)

private func durationMethod(
    _ name: String,
    _ duration: Duration
) throws(TemplateFailure) -> TemplateValue {
    switch name {
    case "Seconds": .float(duration.inSeconds)
    case "Minutes": .float(duration.inSeconds / 60)
    case "Hours": .float(duration.inSeconds / 3_600)
    case "Milliseconds": .int(Int(duration.milliseconds))
    case "String": .string(goText(.duration(duration)))
    default: throw TemplateFailure("can't evaluate field \(name) in type time.Duration")
    }
}
