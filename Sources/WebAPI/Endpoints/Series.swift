// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import Samples
internal import SourceText
internal import Storage

/// `/api/v1/series`: the series that selectors name.
func answerSeries(_ web: WebRequest) throws -> HTTPResponse {
    guard !web.values("match[]").isEmpty else {
        throw APIError(.badData, "no match[] parameter provided")
    }
    let (from, through) = try web.window()
    let selectors = try web.selectors()
    let all = try web.context.store.series(selectors, from: from, through: through)
    return try limited(all, web) { $0.labels($1) }
}

/// `/api/v1/labels`: the names of labels.
func answerLabels(_ web: WebRequest) throws -> HTTPResponse {
    let (from, through) = try web.window()
    let selectors = try web.selectors()
    let all = try web.context.store.labelNames(selectors, from: from, through: through)
    return try limited(all, web) { $0.string($1) }
}

/// `/api/v1/label/NAME/values`: the values of a label; the name may be escaped as `U__`.
func answerLabelValues(_ web: WebRequest) throws -> HTTPResponse {
    guard let name = unescapedLabelName(web.argument), !name.isEmpty else {
        throw APIError(.badData, "invalid label name: \(quoted(web.argument))")
    }
    let (from, through) = try web.window()
    let selectors = try web.selectors()
    let all = try web.context.store.labelValues(name, selectors, from: from, through: through)
    return try limited(all, web) { $0.string($1) }
}

private func limited<Element>(
    _ all: [Element],
    _ web: WebRequest,
    _ body: (inout JSONWriter, Element) -> Void
) throws(APIError) -> HTTPResponse {
    let limit = try web.limit()
    let isCut = limit > 0 && all.count > limit
    let shown = isCut ? all.prefix(limit) : all[...]
    return .success(warnings: isCut ? ["results truncated due to limit"] : []) { json in
        json.array(shown, body)
    }
}

/// Takes back `U__` and `_HEX_`; nil where the escape is broken.
///
/// Source: prometheus/common, model: `UnescapeName`.
func unescapedLabelName(_ name: String) -> String? {
    guard name.hasPrefix("U__") else { return name }
    var result = ""
    var rest = name.dropFirst(3)
    while let character = rest.first {
        rest = rest.dropFirst()
        guard character == "_" else {
            result.append(character)
            continue
        }
        if rest.first == "_" {
            result.append("_")
            rest = rest.dropFirst()
            continue
        }
        guard let end = rest.firstIndex(of: "_"), let code = UInt32(rest[..<end], radix: 16),
            let scalar = Unicode.Scalar(code)
        else { return nil }
        result.unicodeScalars.append(scalar)
        rest = rest[rest.index(after: end)...]
    }
    return result
}
