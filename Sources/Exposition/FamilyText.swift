// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Renders what does not change from page to page of a family: its header, and each series' name
/// and labels.
///
/// What a format cannot say of a family becomes `unknown` (`untyped`).
struct FamilyText {
    private let format: ExpositionFormat
    private let family: MetricFamily
    private let kind: MetricKind
    /// Labels that each series gets which lacks them, sorted by name; empty values are written too.
    private let added: [(name: String, value: String)]

    /// Renders a family of a name that may come in parts; the first part's kind and help count.
    ///
    /// One that `clashes` keeps its whole name, and so cannot be of its kind.
    init(
        _ parts: [MetricFamily],
        _ format: ExpositionFormat,
        clashes: Bool,
        adding added: [(name: String, value: String)]
    ) {
        self.format = format
        self.added = added
        family = parts[0]
        kind = clashes ? .unknown : Self.declaredKind(parts, format)
    }

    /// OpenMetrics knows a counter by its `_total` only; one without it is unknown.
    private static func declaredKind(
        _ parts: [MetricFamily],
        _ format: ExpositionFormat
    ) -> MetricKind {
        guard parts[0].kind == .counter, format == .openMetrics else { return parts[0].kind }
        let isTotal = parts.allSatisfy { part in
            part.samples.allSatisfy { sample in
                let name = sample.labels.metricName
                return name.hasSuffix("_total") || name.hasSuffix("_created")
            }
        }
        return isTotal ? .counter : .unknown
    }

    /// Appends the lines above the samples.
    func appendHeader(to bytes: inout [UInt8]) {
        let name = declaredName
        if !family.help.isEmpty { line("HELP", name, escapedHelp, to: &bytes) }
        line("TYPE", name, word, to: &bytes)
        if format == .openMetrics, !family.unit.isEmpty, name.hasSuffix("_" + family.unit) {
            line("UNIT", name, family.unit, to: &bytes)
        }
    }

    /// Appends a series' name and labels, and the space before its value.
    func appendHead(of labels: LabelSet, to bytes: inout [UInt8]) {
        let name = labels[Symbol.metricName]?.text ?? family.name
        bytes += writtenName(name).utf8
        var opened = false
        for label in labels.labels where label.name != .metricName {
            let key = label.name.text
            append(key, value(of: label, key, name), &opened, to: &bytes)
        }
        for (key, value) in added where labels[key].isEmpty {
            append(key, value, &opened, to: &bytes)
        }
        bytes += (opened ? "} " : " ").utf8
    }

    private func append(
        _ key: String,
        _ value: String,
        _ opened: inout Bool,
        to bytes: inout [UInt8]
    ) {
        bytes.append(opened ? UInt8(ascii: ",") : UInt8(ascii: "{"))
        opened = true
        bytes += labelName(key).utf8
        bytes += "=\"".utf8
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case 10: bytes += "\\n".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private func line(
        _ keyword: String,
        _ name: String,
        _ rest: String,
        to bytes: inout [UInt8]
    ) {
        bytes += "# \(keyword) \(name) \(rest)\n".utf8
    }

    private var declaredName: String {
        let name = writtenName(family.name)
        guard format == .openMetrics else { return name }
        guard let suffix = kind.openMetricsSuffix, name.hasSuffix(suffix) else { return name }
        return String(name.dropLast(suffix.count))
    }

    private var word: String {
        guard format == .text else { return kind.rawValue }
        return switch kind {
        case .counter, .gauge, .histogram, .summary: kind.rawValue
        case .info, .stateset: "gauge"
        case .gaugehistogram, .unknown: "untyped"
        }
    }

    /// OpenMetrics wants bounds and quantiles as floating-point numbers: `1.0`, not `1`.
    private func value(of label: Label, _ key: String, _ name: String) -> String {
        let text = label.value.text
        let isBound = key == "le" && (kind == .histogram || kind == .gaugehistogram)
        guard isBound || (key == "quantile" && kind == .summary), format == .openMetrics,
            Int64(text) != nil
        else { return text }
        return text + ".0"
    }

    private var escapedHelp: String {
        var result = ""
        for scalar in family.help.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where format == .openMetrics: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension MetricKind {
    /// What the samples' names end in and the family's name does not.
    var openMetricsSuffix: String? {
        switch self {
        case .counter: "_total"
        case .info: "_info"
        default: nil
        }
    }
}

/// A metric's name as both formats take it, other characters as underscores.
///
/// Source: prometheus/common, model/metric.go: `EscapeName` with `UnderscoreEscaping`, which is
/// what readers get that do not ask for UTF-8 names.
func writtenName(_ name: String) -> String { escaped(name, allowsColon: true) }

/// A label's name as both formats take it.
private func labelName(_ name: String) -> String { escaped(name, allowsColon: false) }

private func escaped(_ name: String, allowsColon: Bool) -> String {
    func isValid(_ byte: UInt8, at place: Int) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"):
            true
        case UInt8(ascii: ":"): allowsColon
        case UInt8(ascii: "0")...UInt8(ascii: "9"): place > 0
        default: false
        }
    }
    guard !name.utf8.enumerated().allSatisfy({ isValid($0.element, at: $0.offset) }) else {
        return name
    }
    var result = ""
    for (place, scalar) in name.unicodeScalars.enumerated() {
        let isKept = scalar.isASCII && isValid(UInt8(scalar.value), at: place)
        result.unicodeScalars.append(isKept ? scalar : "_")
    }
    return result
}
