// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// What a reader of metrics asks for by its `Accept` header, of what is written here.
///
/// The highest weight wins, of equal ones the first; protobuf, which is not spoken here, falls back to
/// what the client likes next, and so does a version that is newer than ours. Where nothing fits, it is
/// the text format 0.0.4. Source: prometheus/common, expfmt: `NegotiateIncludingOpenMetrics`.
public struct ExpositionRequest: Sendable, Hashable {
    /// The format.
    public let format: ExpositionFormat
    /// How names are to be written.
    public let escaping: NameEscaping
    /// The value of the answer's `Content-Type` header.
    public let contentType: String

    /// Reads an `Accept` header.
    public init(accept: String?) {
        let entries = (accept ?? "").split(separator: ",").map(AcceptedType.init)
        let sorted = entries.enumerated().filter { $0.element.weight > 0 }
            .sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
            .map(\.element)
        let best = sorted.lazy.compactMap { entry in entry.offer.map { ($0, entry) } }.first
        let offer = best?.0 ?? .text
        // As in Prometheus, an entry before the one that fits may say how names are to be written.
        let seen = sorted.prefix { $0 != best?.1 } + (best.map { [$0.1] } ?? [])
        let asked = seen.compactMap(\.escaping).last
        format = offer.format
        escaping = asked ?? .underscores
        contentType = offer.contentType + (asked.map { "; escaping=" + $0.rawValue } ?? "")
    }

    /// A format in a version.
    private struct Offer: Hashable {
        let format: ExpositionFormat
        let contentType: String

        static let text = Offer("text/plain", "0.0.4", .text)

        init(_ type: String, _ version: String, _ format: ExpositionFormat) {
            self.format = format
            contentType = "\(type); version=\(version); charset=utf-8"
        }
    }

    /// One entry of the header.
    private struct AcceptedType: Hashable {
        let type: String
        let parameters: [String: String]

        init(_ entry: Substring) {
            let parts = entry.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            type = parts.first?.lowercased() ?? ""
            parameters = Dictionary(
                parts.dropFirst().map { part in
                    let cut = part.firstIndex(of: "=") ?? part.endIndex
                    let value = part[cut...].dropFirst().filter { $0 != "\"" }
                    return (part[..<cut].lowercased(), value.lowercased())
                },
                uniquingKeysWith: { $1 }
            )
        }

        var weight: Double { parameters["q"].map { Double($0) ?? 0 } ?? 1 }

        var escaping: NameEscaping? { parameters["escaping"].flatMap(NameEscaping.init) }

        var offer: Offer? {
            let version = parameters["version"]
            switch (type, version) {
            case ("application/openmetrics-text", nil), ("application/openmetrics-text", "1.0.0"):
                return Offer(type, "1.0.0", .openMetrics)
            case ("application/openmetrics-text", "0.0.1"):
                return Offer(type, "0.0.1", .openMetrics)
            case ("text/plain", "1.0.0"): return Offer(type, "1.0.0", .text)
            case ("text/plain", nil), ("text/plain", "0.0.4"), ("text/*", _), ("*/*", _):
                return .text
            default: return nil
            }
        }
    }
}
