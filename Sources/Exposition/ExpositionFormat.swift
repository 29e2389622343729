// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A format of metrics on the wire.
public enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus' text format 0.0.4, which 1.0.0 is too but for names in quotes.
    case text
    /// OpenMetrics 1.0.
    case openMetrics

    /// The `Accept` header of a scrape: what `ExpositionReader` reads, the best first.
    ///
    /// Source: Prometheus 3, scrape/scrape.go: `acceptHeader`, without protobuf.
    public static let accepted = [
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6",
        "application/openmetrics-text;version=0.0.1;q=0.5",
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4",
        "text/plain;version=0.0.4;q=0.3",
        "*/*;q=0.2",
    ].joined(separator: ",")
}
