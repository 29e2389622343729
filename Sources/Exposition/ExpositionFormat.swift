// SPDX-License-Identifier: Apache-2.0
// Nightjar

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
    /// The highest weight wins, of equal ones the first; protobuf, which is not spoken here, falls back to
    /// what the client likes next. A version that is newer than ours is not ours.
    /// Source: prometheus/common, expfmt: `NegotiateIncludingOpenMetrics`.
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
