// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The metrics that `docs/guide/metrics.md` lists: the type of each family by its name.
public struct MetricCatalogue: Sendable {
    /// The list as the repository has it.
    public static let standard = MetricCatalogue(
        String(decoding: bytesOfFile(repositoryRoot + "/docs/guide/metrics.md"), as: UTF8.self)
    )

    /// The type by the family's name.
    public let types: [String: String]
    private let prefixes: [String: String]

    init(_ document: String) {
        var types: [String: String] = [:]
        var prefixes: [String: String] = [:]
        for line in document.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmed }
            let name = cells[0].filter { $0 != "`" }
            if name.hasSuffix("*") {
                prefixes[String(name.dropLast())] = cells[1]
            } else {
                types[name] = cells[1]
            }
        }
        self.types = types
        self.prefixes = prefixes
    }

    /// The type of a family, by its name or by a listed beginning of it; nil where it is unknown.
    public func type(ofFamily name: String) -> String? {
        types[name] ?? prefixes.first { name.hasPrefix($0.key) }?.value
    }

    /// Whether an expression may ask for this name: a family's, or one of the series that its type
    /// has (`_bucket`, `_sum`, `_count`).
    public func hasSeries(_ name: String) -> Bool {
        if let type = type(ofFamily: name) { return type != "histogram" }
        for ending in ["_bucket", "_sum", "_count"] where name.hasSuffix(ending) {
            let type = types[String(name.dropLast(ending.count))]
            if type == "histogram" || (type == "summary" && ending != "_bucket") { return true }
        }
        return false
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
