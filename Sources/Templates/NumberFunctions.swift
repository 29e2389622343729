// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import SourceText

/// Prometheus' functions on numbers and times; nil where `name` is none of them.
///
/// Source: Prometheus, template/template.go.
func numberFunction(
    _ name: String,
    _ arguments: Arguments
) throws(TemplateFailure) -> TemplateValue? {
    switch name {
    case "humanize": return .string(humanized(try arguments.double(0)))
    case "humanize1024": return .string(humanized1024(try arguments.double(0)))
    case "humanizeDuration": return .string(humanizedDuration(try arguments.double(0)))
    case "humanizePercentage": return .string(four(try arguments.double(0) * 100) + "%")
    case "humanizeTimestamp":
        let seconds = try arguments.double(0)
        guard seconds.isFinite else { return .string(four(seconds)) }
        return .string(goText(.time(Timestamp(seconds: seconds), zone: "UTC")))
    case "toTime": return .time(Timestamp(seconds: try arguments.double(0)), zone: "UTC")
    case "toDuration":
        let seconds = try arguments.double(0)
        guard seconds.magnitude < 9e9 else { throw TemplateFailure("the duration is too large") }
        return .duration(.milliseconds(Int64(seconds * 1_000)))
    case "parseDuration":
        let text = try arguments.string(0)
        guard let duration = durationValue(ofText: text) else {
            throw TemplateFailure("not a valid duration string: \(quoted(text))")
        }
        return .float(duration.inSeconds)
    default: return nil
    }
}

/// Go's `%.4g`.
private func four(_ value: Double) -> String { formatFloat(value, verb: "g", precision: 4) }

private func humanized(_ number: Double) -> String {
    var value = number
    guard value != 0, value.isFinite else { return four(value) }
    var prefix = ""
    if value.magnitude >= 1 {
        for letter in ["k", "M", "G", "T", "P", "E", "Z", "Y"] where value.magnitude >= 1_000 {
            prefix = letter
            value /= 1_000
        }
    } else {
        for letter in ["m", "u", "n", "p", "f", "a", "z", "y"] where value.magnitude < 1 {
            prefix = letter
            value *= 1_000
        }
    }
    return four(value) + prefix
}

private func humanized1024(_ number: Double) -> String {
    var value = number
    guard value.magnitude > 1, value.isFinite else { return four(value) }
    var prefix = ""
    for word in ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"] where value.magnitude >= 1_024 {
        prefix = word
        value /= 1_024
    }
    return four(value) + prefix
}

private func humanizedDuration(_ number: Double) -> String {
    guard number.isFinite else { return four(number) }
    var value = number
    if value == 0 { return four(value) + "s" }
    guard value.magnitude >= 1 else {
        var prefix = ""
        for letter in ["m", "u", "n", "p", "f", "a", "z", "y"] where value.magnitude < 1 {
            prefix = letter
            value *= 1_000
        }
        return four(value) + prefix + "s"
    }
    let sign = value < 0 ? "-" : ""
    value = value.magnitude
    guard value < 0x1p62 else { return sign + four(value) + "s" }
    let total = Int64(value)
    let (days, hours) = (total / 86_400, total / 3_600 % 24)
    let (minutes, seconds) = (total / 60 % 60, total % 60)
    if days != 0 { return "\(sign)\(days)d \(hours)h \(minutes)m \(seconds)s" }
    if hours != 0 { return "\(sign)\(hours)h \(minutes)m \(seconds)s" }
    if minutes != 0 { return "\(sign)\(minutes)m \(seconds)s" }
    return sign + four(value) + "s"
}
