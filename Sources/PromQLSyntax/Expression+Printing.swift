// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

extension Expression: CustomStringConvertible {
    /// The expression on one line, in Prometheus' form; parses to the same tree again.
    ///
    /// Source: Prometheus, promql/parser/printer.go.
    public var description: String {
        switch self {
        case .number(let node): node.description
        case .string(let node): quotedText(node.value)
        case .vectorSelector(let node): node.description
        case .matrixSelector(let node): node.description
        case .subquery(let node): "\(node.expression)\(node.suffix)"
        case .call(let node):
            "\(node.function.rawValue)("
                + node.arguments.map(\.description).joined(separator: ", ") + ")"
        case .aggregate(let node):
            node.head + "(" + (node.parameter.map { "\($0), " } ?? "") + "\(node.expression))"
        case .binary(let node): "\(node.left) \(node.signs) \(node.right)"
        case .unary(let node): (node.isNegative ? "-" : "+") + node.operand.description
        case .parentheses(let node): "(\(node.content))"
        }
    }
}

extension NumberLiteral: CustomStringConvertible {
    /// The number without exponent, or the duration.
    public var description: String {
        guard isDuration else { return decimalText(value) }
        return durationText(.nanoseconds(Int64((value * 1e9).rounded())))
    }
}

extension VectorSelector: CustomStringConvertible {
    /// `name{label="value"}` and the modifiers.
    public var description: String {
        head + modifierText(at: at, offset: offset) + extensionText
    }

    /// `name{label="value"}` alone.
    fileprivate var head: String {
        let isPlain = name.map(isPlainMetricName) ?? true
        var parts: [String] = []
        for matcher in matchers {
            let isName = matcher.name == .metricName && matcher.kind == .equal
            if let name, isName, matcher.value == name { continue }
            let label = labelText(matcher.name.text)
            parts.append("\(label)\(matcher.kind.rawValue)\(quotedText(matcher.value))")
        }
        parts.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        // The bare name leads, whatever the labels.
        if let name, !isPlain { parts.insert(quotedText(name), at: 0) }
        let outer = isPlain ? name ?? "" : ""
        return parts.isEmpty && !outer.isEmpty
            ? outer : "\(outer){\(parts.joined(separator: ","))}"
    }

    fileprivate var extensionText: String {
        isAnchored ? " anchored" : isSmoothed ? " smoothed" : ""
    }
}

extension MatrixSelector: CustomStringConvertible {
    /// `name{label="value"}[5m]` and the modifiers.
    public var description: String {
        "\(selector.head)[\(window)]" + modifierText(at: selector.at, offset: selector.offset)
            + selector.extensionText
    }
}

extension Subquery {
    /// `[1h:5m]` and the modifiers.
    var suffix: String {
        "[\(window):\(step?.description ?? "")]" + modifierText(at: at, offset: offset)
    }
}

extension Aggregate {
    /// The operator with its grouping.
    var head: String {
        let labels = grouping.map(labelText).joined(separator: ", ")
        if isWithout { return "\(operation.rawValue) without (\(labels)) " }
        return grouping.isEmpty ? operation.rawValue : "\(operation.rawValue) by (\(labels)) "
    }
}

extension Binary {
    /// The operator with its modifiers.
    var signs: String {
        var text = operation.rawValue
        if returnsBool { text += " bool" }
        guard let matching else { return text }
        let isGrouped = matching.cardinality == .manyToOne || matching.cardinality == .oneToMany
        if matching.isOn || !matching.labels.isEmpty || isGrouped {
            let labels = matching.labels.map(labelText).joined(separator: ", ")
            text += " \(matching.isOn ? "on" : "ignoring") (\(labels))"
        }
        if isGrouped {
            let side = matching.cardinality == .manyToOne ? "left" : "right"
            let labels = matching.included.map(labelText).joined(separator: ", ")
            text += " group_\(side) (\(labels))"
        }
        let (left, right) = (matching.fillLeft, matching.fillRight)
        if let left, let right, left == right || left.isNaN && right.isNaN {
            return text + " fill (\(decimalText(left)))"
        }
        if let left { text += " fill_left (\(decimalText(left)))" }
        if let right { text += " fill_right (\(decimalText(right)))" }
        return text
    }
}

extension DurationValue: CustomStringConvertible {
    /// The expression where there is one, the duration otherwise.
    public var description: String { expression?.description ?? durationText(duration) }
}

extension DurationExpression: CustomStringConvertible {
    /// The expression on one line.
    public var description: String {
        switch self {
        case .number(let number): number.description
        case .step: "step()"
        case .range: "range()"
        case .signed(let isNegative, let operand, _): (isNegative ? "-" : "+") + "\(operand)"
        case .binary(let operation, let left, let right):
            "\(left) \(operation.rawValue) \(right)"
        case .extreme(let isMaximum, let left, let right, _):
            "\(isMaximum ? "max_of" : "min_of")(\(left), \(right))"
        case .parentheses(let content, _): "(\(content))"
        }
    }
}

/// The modifiers `@` and `offset`.
private func modifierText(at: AtModifier?, offset: DurationValue) -> String {
    var text = ""
    switch at {
    case .timestamp(let time): text = " @ \(secondsText(time.milliseconds))"
    case .start: text = " @ start()"
    case .end: text = " @ end()"
    case nil: break
    }
    return offset == .zero ? text : "\(text) offset \(offset)"
}

/// Milliseconds as seconds with three decimals.
private func secondsText(_ milliseconds: Int64) -> String {
    let (whole, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1_000)
    let digits = String(rest)
    let padding = String(repeating: "0", count: 3 - digits.count)
    return "\(milliseconds < 0 ? "-" : "")\(whole).\(padding)\(digits)"
}

/// A duration; what is finer than milliseconds is written as a number of seconds.
private func durationText(_ duration: Duration) -> String {
    duration.components.attoseconds % 1_000_000_000_000_000 == 0
        ? formatDuration(duration) : decimalText(duration.inSeconds)
}

/// A label's name, in quotes where it needs them.
private func labelText(_ name: String) -> String {
    isPlainLabelName(name) ? name : quotedText(name)
}

/// The shortest decimal number that reads as the same value, without exponent.
///
/// Source: Go's `strconv.FormatFloat(value, 'f', -1, 64)`.
func decimalText(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    let sign = value.sign == .minus ? "-" : ""
    let text = value.magnitude.description
    let parts = text.split(separator: "e")
    let numbers = (parts.first ?? "0").split(separator: ".")
    var whole = String(numbers.first ?? "0")
    var fraction = numbers.count > 1 && numbers[1] != "0" ? String(numbers[1]) : ""
    var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    while exponent > 0 {
        whole.append(fraction.isEmpty ? "0" : fraction.removeFirst())
        exponent -= 1
    }
    while exponent < 0 {
        fraction.insert(whole.isEmpty ? "0" : whole.removeLast(), at: fraction.startIndex)
        exponent += 1
    }
    let leading = whole.drop { $0 == "0" }
    return sign + (leading.isEmpty ? "0" : leading) + (fraction.isEmpty ? "" : "." + fraction)
}
