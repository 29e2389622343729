// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Why a series' labels are refused.
enum LabelFault: Error, Hashable, CustomStringConvertible {
    case noMetricName
    case emptyName
    case repeatedName(String)
    case tooMany
    case tooLong(String)

    var description: String {
        switch self {
        case .noMetricName: "a series has no metric name"
        case .emptyName: "a label has no name"
        case .repeatedName(let name): "label \(quoted(name)) comes twice"
        case .tooMany: "a series has more than \(WriteRequest.Series.maxLabels) labels"
        case .tooLong(let name):
            "label \(quoted(name)) has more than \(WriteRequest.Series.maxBytes) bytes"
        }
    }
}

extension WriteRequest.Series {
    /// Labels of a series taken at most: texts are kept for the life of the process.
    static let maxLabels = 128
    /// Bytes of a name or a value taken at most.
    static let maxBytes = 16 << 10

    /// The series' identity; labels with empty values are left out, others may come in any order.
    func labelSet() throws(LabelFault) -> LabelSet {
        guard labels.count <= Self.maxLabels else { throw .tooMany }
        var kept = labels.filter { !$0.value.isEmpty }
        if !kept.isStrictlySorted {
            kept.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        }
        var hasMetricName = false
        for (place, pair) in kept.enumerated() {
            guard !pair.name.isEmpty else { throw .emptyName }
            if place > 0, kept[place - 1].name == pair.name { throw .repeatedName(pair.name) }
            guard pair.name.utf8.count <= Self.maxBytes, pair.value.utf8.count <= Self.maxBytes
            else { throw .tooLong(String(pair.name.prefix(100))) }
            if pair.name == "__name__" { hasMetricName = true }
        }
        guard hasMetricName else { throw .noMetricName }
        return LabelSet(
            sorted: ContiguousArray(
                kept.map { Label(name: Symbol($0.name), value: Symbol($0.value)) }
            )
        )
    }
}

extension [WriteRequest.Pair] {
    fileprivate var isStrictlySorted: Bool {
        zip(self, dropFirst()).allSatisfy { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

/// A media type with its parameters, lower case.
struct MediaType {
    let type: String
    let parameters: [String: String]

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

    /// Whether it is the type of remote write 1.0; senders of old leave it out.
    var isRemoteWrite1: Bool {
        guard !type.isEmpty else { return true }
        guard type == "application/x-protobuf" else { return false }
        return parameters["proto", default: "prometheus.WriteRequest"] == "prometheus.WriteRequest"
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var rest = text
        while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
        while rest.last == " " || rest.last == "\t" { rest.removeLast() }
        return rest
    }
}
