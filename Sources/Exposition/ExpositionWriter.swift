// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples
internal import SourceText

/// A format of metrics on the wire.
public enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus' text format 0.0.4.
    case text
    /// OpenMetrics 1.0.
    case openMetrics

    /// The value of the `Content-Type` header.
    public var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format that an `Accept` header asks for; the text format where it is silent.
    ///
    /// Source: prometheus/common, expfmt: `NegotiateIncludingOpenMetrics`. The highest weight wins,
    /// of equal ones the first.
    public static func negotiated(accept: String?) -> ExpositionFormat {
        var best = (format: ExpositionFormat.text, weight: 0.0)
        for entry in (accept ?? "").lowercased().split(separator: ",") {
            let parts = entry.split(separator: ";").map { $0.filter { $0 != " " } }
            let weight = parts.first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            let version = parts.first { $0.hasPrefix("version=") }?.dropFirst(8)
            let format: ExpositionFormat? =
                switch parts.first {
                case "application/openmetrics-text":
                    [nil, "0.0.1", "1.0.0"].contains(version) ? .openMetrics : nil
                case "text/plain", "text/*", "*/*": .text
                default: nil
                }
            if let format, weight > best.weight { best = (format, weight) }
        }
        return best.format
    }
}

/// Writes families as the bytes of a page of metrics.
///
/// Families of one name become one block, under the first one's kind and help; a series that came
/// before is left out; what a format cannot say of a family becomes `unknown` (`untyped`).
public struct ExpositionWriter: ~Copyable {
    private let format: ExpositionFormat
    private var bytes: [UInt8] = []
    /// How many samples were left out because their series was there before.
    public private(set) var duplicates = 0

    /// Makes a writer for one page.
    public init(format: ExpositionFormat) {
        self.format = format
        bytes.reserveCapacity(64 << 10)
    }

    /// Renders a page of all `families`, sorted by name.
    public static func page(_ families: [MetricFamily], format: ExpositionFormat) -> [UInt8] {
        var writer = ExpositionWriter(format: format)
        writer.append(families)
        return writer.finish()
    }

    /// Appends families, sorted by name, those of one name merged.
    public mutating func append(_ families: [MetricFamily]) {
        var places: [String: Int] = [:]
        var merged: [MetricFamily] = []
        for family in families where !family.samples.isEmpty {
            if let place = places[family.name] {
                merged[place].samples += family.samples
            } else {
                places[family.name] = merged.count
                merged.append(family)
            }
        }
        merged.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for family in merged { append(family) }
    }

    /// Ends the page; OpenMetrics has a line for it.
    public consuming func finish() -> [UInt8] {
        if format == .openMetrics { bytes += "# EOF\n".utf8 }
        return bytes
    }

    private mutating func append(_ family: MetricFamily) {
        let kind = declaredKind(of: family)
        let name = declaredName(of: family, kind)
        if !family.help.isEmpty { header("HELP", name, escapedHelp(family.help)) }
        header("TYPE", name, word(for: kind))
        if format == .openMetrics, !family.unit.isEmpty, name.hasSuffix("_" + family.unit) {
            header("UNIT", name, family.unit)
        }
        var seen: Set<LabelSet> = []
        seen.reserveCapacity(family.samples.count)
        for sample in family.samples {
            guard seen.insert(sample.labels).inserted else {
                duplicates += 1
                continue
            }
            append(sample, of: family, kind)
        }
    }

    /// OpenMetrics knows a counter by its `_total` only; one without it is unknown.
    private func declaredKind(of family: MetricFamily) -> MetricKind {
        guard family.kind == .counter, format == .openMetrics else { return family.kind }
        let isTotal = family.samples.allSatisfy {
            let name = $0.labels.metricName
            return name.hasSuffix("_total") || name.hasSuffix("_created")
        }
        return isTotal ? .counter : .unknown
    }

    private func declaredName(of family: MetricFamily, _ kind: MetricKind) -> String {
        guard format == .openMetrics else { return family.name }
        let suffix =
            switch kind {
            case .counter: "_total"
            case .info: "_info"
            default: ""
            }
        return suffix.isEmpty || !family.name.hasSuffix(suffix)
            ? family.name : String(family.name.dropLast(suffix.count))
    }

    private func word(for kind: MetricKind) -> String {
        guard format == .text else { return kind.rawValue }
        return switch kind {
        case .counter, .gauge, .histogram, .summary: kind.rawValue
        case .info, .stateset: "gauge"
        case .gaugehistogram, .unknown: "untyped"
        }
    }

    private mutating func header(_ keyword: String, _ name: String, _ rest: String) {
        bytes += "# ".utf8
        bytes += keyword.utf8
        bytes.append(32)
        bytes += name.utf8
        bytes.append(32)
        bytes += rest.utf8
        bytes.append(10)
    }

    private mutating func append(
        _ sample: SeriesSample,
        of family: MetricFamily,
        _ kind: MetricKind
    ) {
        let name = sample.labels[Symbol.metricName]?.text ?? family.name
        bytes += name.utf8
        var opened = false
        for label in sample.labels.labels where label.name != .metricName {
            bytes.append(opened ? UInt8(ascii: ",") : UInt8(ascii: "{"))
            opened = true
            let key = label.name.text
            bytes += key.utf8
            bytes += "=\"".utf8
            appendEscaped(labelValue(label, key, name, kind))
            bytes.append(UInt8(ascii: "\""))
        }
        if opened { bytes.append(UInt8(ascii: "}")) }
        bytes.append(32)
        bytes.appendShortest(sample.value)
        if let time = sample.time { append(time) }
        bytes.append(10)
    }

    /// OpenMetrics wants bounds and quantiles as floating-point numbers: `1.0`, not `1`.
    private func labelValue(
        _ label: Label,
        _ key: String,
        _ name: String,
        _ kind: MetricKind
    ) -> String {
        let text = label.value.text
        let isBound = key == "le" && (kind == .histogram || kind == .gaugehistogram)
        guard isBound || (key == "quantile" && kind == .summary), format == .openMetrics,
            Int64(text) != nil
        else { return text }
        return text + ".0"
    }

    /// Milliseconds in the text format, seconds in OpenMetrics.
    private mutating func append(_ time: Timestamp) {
        bytes.append(32)
        if format == .text {
            bytes.appendDecimal(time.milliseconds)
        } else {
            bytes.appendShortest(time.seconds)
        }
    }

    private mutating func appendEscaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case 10: bytes += "\\n".utf8
            default: bytes.append(byte)
            }
        }
    }

    private func escapedHelp(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
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
