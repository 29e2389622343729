// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Renders what does not change from page to page of a family: its header, and each series' name
/// and labels.
///
/// What a format cannot say of a family becomes `unknown` (`untyped`).
struct FamilyText {
    private let format: ExpositionFormat
    private let escaping: NameEscaping
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
        _ escaping: NameEscaping,
        clashes: Bool,
        adding added: [(name: String, value: String)]
    ) {
        self.format = format
        self.escaping = escaping
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
        let written = written(sample: name)
        // A name in quotes stands among the labels.
        var opened = !isPlainName(written, allowsColon: true)
        bytes += (opened ? "{" + inQuotes(written) : written).utf8
        for label in labels.labels where label.name != .metricName {
            let key = label.name.text
            append(key, value(of: label, key, name), &opened, to: &bytes)
        }
        for (key, value) in added where labels[key].isEmpty {
            append(key, value, &opened, to: &bytes)
        }
        bytes += (opened ? "} " : " ").utf8
    }

    /// A sample's name, which is the family's with an ending.
    private func written(sample name: String) -> String {
        guard escaping != .utf8, name != family.name, name.hasPrefix(family.name) else {
            return escaping.written(metric: name)
        }
        let ending = name.dropFirst(family.name.count)
        guard sampleEndings.contains(String(ending)) else { return escaping.written(metric: name) }
        return escaping.written(metric: family.name) + ending
    }

    private func append(
        _ key: String,
        _ value: String,
        _ opened: inout Bool,
        to bytes: inout [UInt8]
    ) {
        bytes.append(opened ? UInt8(ascii: ",") : UInt8(ascii: "{"))
        opened = true
        let name = escaping.written(label: key)
        bytes += (isPlainName(name, allowsColon: false) ? name : inQuotes(name)).utf8
        bytes.append(UInt8(ascii: "="))
        bytes += inQuotes(value).utf8
    }

    private func line(
        _ keyword: String,
        _ name: String,
        _ rest: String,
        to bytes: inout [UInt8]
    ) {
        let name = isPlainName(name, allowsColon: true) ? name : inQuotes(name)
        bytes += "# \(keyword) \(name) \(rest)\n".utf8
    }

    private var declaredName: String {
        let name = escaping.written(metric: family.name)
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

/// What samples' names have behind their family's.
private let sampleEndings: Set<String> = [
    "_bucket", "_sum", "_count", "_created", "_gsum", "_gcount", "_total", "_info",
]

/// A text in quotes, with backslashes, quotes and line ends escaped.
private func inQuotes(_ text: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    bytes.reserveCapacity(text.utf8.count + 2)
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "\\"): bytes += "\\\\".utf8
        case UInt8(ascii: "\""): bytes += "\\\"".utf8
        case 10: bytes += "\\n".utf8
        default: bytes.append(byte)
        }
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
}
