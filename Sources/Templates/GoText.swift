// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CivilTime
internal import Samples
internal import SourceText

/// A value as Go's `%v` prints it.
func goText(_ value: TemplateValue) -> String {
    switch value {
    case .null: "<no value>"
    case .bool(let value): value ? "true" : "false"
    case .int(let value): "\(value)"
    case .float(let value): formatFloat(value, verb: "g", precision: -1)
    case .string(let text), .markup(let text): text
    case .list(let items): "[" + items.map(goText).joined(separator: " ") + "]"
    case .map(let entries):
        "map["
            + entries.sorted { $0.key < $1.key }.map { "\($0.key):\(goText($0.value))" }
            .joined(separator: " ") + "]"
    case .object(let fields):
        "{" + fields.sorted { $0.key < $1.key }.map { goText($0.value) }.joined(separator: " ")
            + "}"
    case .time(let time, let zone): timeText(time, zone)
    case .duration(let duration): durationText(duration)
    }
}

/// Go's `Time.String`: `2006-01-02 15:04:05.999999999 -0700 MST`.
private func timeText(_ time: Timestamp, _ zone: String) -> String {
    formatted(
        milliseconds: time.milliseconds,
        layout: "2006-01-02 15:04:05.999999999 -0700 MST",
        in: Zone(named: zone) ?? .utc
    )
}

/// Go's `Duration.String`: `1h2m3.5s`.
private func durationText(_ duration: Duration) -> String {
    let total = duration.milliseconds
    guard total != 0 else { return "0s" }
    let sign = total < 0 ? "-" : ""
    let ms = total.magnitude
    if ms < 1_000 { return "\(sign)\(ms)ms" }
    let seconds = Double(ms % 60_000) / 1_000
    var text = formatFloat(seconds, verb: "g", precision: -1) + "s"
    if ms >= 60_000 { text = "\(ms / 60_000 % 60)m" + text }
    if ms >= 3_600_000 { text = "\(ms / 3_600_000)h" + text }
    return sign + text
}

/// Go's `Sprintf` for the verbs of templates.
func goFormat(_ format: String, _ arguments: [TemplateValue]) -> String {
    var result = ""
    var rest = Array(format.unicodeScalars)[...]
    var next = 0
    while let scalar = rest.popFirst() {
        guard scalar == "%" else {
            result.unicodeScalars.append(scalar)
            continue
        }
        var directive = Directive()
        directive.read(&rest)
        guard let verb = directive.verb else {
            result += "%!(NOVERB)"
            break
        }
        if verb == "%" {
            result += "%"
        } else if next < arguments.count {
            result += directive.apply(to: arguments[next])
            next += 1
        } else {
            result += "%!\(verb)(MISSING)"
        }
    }
    guard next < arguments.count else { return result }
    let extra = arguments[next...].map { "\($0.typeName)=\(goText($0))" }.joined(separator: ", ")
    return result + "%!(EXTRA \(extra))"
}

/// One `%-08.3f` of a format.
private struct Directive {
    var flags: Set<Unicode.Scalar> = []
    var width = 0
    var precision: Int?
    var verb: Character?

    mutating func read(_ rest: inout ArraySlice<Unicode.Scalar>) {
        while let flag = rest.first, "-+# 0".unicodeScalars.contains(flag) {
            flags.insert(flag)
            rest.removeFirst()
        }
        width = Self.number(&rest) ?? 0
        if rest.first == "." {
            rest.removeFirst()
            precision = Self.number(&rest) ?? 0
        }
        verb = rest.popFirst().map(Character.init)
    }

    /// At most four digits count, so that no format asks for gigabytes of padding.
    private static func number(_ rest: inout ArraySlice<Unicode.Scalar>) -> Int? {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        rest = rest.dropFirst(digits.count)
        return Int(digits.prefix(4).map { "\($0)" }.joined())
    }

    func apply(to value: TemplateValue) -> String {
        guard let verb else { return "" }
        guard let text = text(of: value, verb) else {
            return "%!\(verb)(\(value.typeName)=\(goText(value)))"
        }
        return padded(text, isNumber: "dfFeEgGxXobc".contains(verb))
    }

    private func text(of value: TemplateValue, _ verb: Character) -> String? {
        switch (verb, value) {
        case ("v", .float(let number)):
            signed(formatFloat(number, verb: "g", precision: precision ?? -1))
        case ("v", .int(let number)): signed("\(number)")
        case ("v", _): goText(value)
        case ("s", .string), ("s", .markup), ("s", .list), ("s", .map), ("s", .time),
            ("s", .duration):
            cut(goText(value))
        case ("q", .string(let text)), ("q", .markup(let text)): quoted(text)
        case ("t", .bool): goText(value)
        case ("d", .int(let number)): signed("\(number)")
        case ("d", .duration(let duration)): signed("\(duration.milliseconds)000000")
        case ("c", .int(let number)):
            UInt32(exactly: number).flatMap(Unicode.Scalar.init).map { "\($0)" } ?? "\u{FFFD}"
        case ("x", .int(let number)): String(number, radix: 16)
        case ("X", .int(let number)): String(number, radix: 16, uppercase: true)
        case ("o", .int(let number)): String(number, radix: 8)
        case ("b", .int(let number)): String(number, radix: 2)
        case ("x", .string(let text)):
            text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        case ("f", .float(let number)), ("F", .float(let number)):
            signed(formatFloat(number, verb: "f", precision: precision ?? 6))
        case ("e", .float(let number)):
            signed(formatFloat(number, verb: "e", precision: precision ?? 6))
        case ("E", .float(let number)):
            signed(formatFloat(number, verb: "e", precision: precision ?? 6).uppercased())
        case ("g", .float(let number)):
            signed(formatFloat(number, verb: "g", precision: precision ?? -1))
        case ("G", .float(let number)):
            signed(formatFloat(number, verb: "g", precision: precision ?? -1).uppercased())
        default: nil
        }
    }

    private func cut(_ text: String) -> String {
        precision.map { String(text.prefix($0)) } ?? text
    }

    private func signed(_ text: String) -> String {
        if text.hasPrefix("-") || text.hasPrefix("+") || text == "NaN" {
            return text == "+Inf" && !flags.contains("+") ? "+Inf" : text
        }
        return flags.contains("+") ? "+" + text : flags.contains(" ") ? " " + text : text
    }

    private func padded(_ text: String, isNumber: Bool) -> String {
        let missing = width - text.count
        guard missing > 0 else { return text }
        if flags.contains("-") { return text + String(repeating: " ", count: missing) }
        guard flags.contains("0"), isNumber else {
            return String(repeating: " ", count: missing) + text
        }
        let sign = text.prefix { $0 == "-" || $0 == "+" }
        return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
    }
}
