// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A media type with its parameters.
///
/// Source: RFC 9110, section 8.3.1: types and parameters' names are of any case.
struct MediaType {
    private let type: String
    private let parameters: [String: String]

    init(_ text: String) {
        let parts = text.split(separator: ";").map { Self.trimmed($0) }
        type = parts.first?.lowercased() ?? ""
        var found: [String: String] = [:]
        for part in parts.dropFirst() {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let value = part[part.index(after: equals)...]
            found[part[..<equals].lowercased()] = String(value.filter { $0 != "\"" })
        }
        parameters = found
    }

    /// Why it is not the type of remote write 1.0; nil where it is, or where a sender of old says none.
    ///
    /// Source: Prometheus, storage/remote/write_handler.go: the texts.
    var refusal: String? {
        guard !type.isEmpty else { return nil }
        guard type == "application/x-protobuf" else {
            return "expected application/x-protobuf as the first (media) part, got \(type)"
                + " content-type"
        }
        let message = parameters["proto", default: Self.accepted]
        guard message != Self.accepted else { return nil }
        return "\(message) protobuf message is not accepted by this server;"
            + " only accepts \(Self.accepted)"
    }

    private static let accepted = "prometheus.WriteRequest"

    private static func trimmed(_ text: Substring) -> Substring {
        var rest = text
        while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
        while rest.last == " " || rest.last == "\t" { rest.removeLast() }
        return rest
    }
}
