// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import Samples
internal import SourceText
internal import Storage

/// `/api/v1/series`: the series that selectors name.
///
/// Prometheus refuses broken escapes in its parameters here, and passes over them elsewhere.
func answerSeries(_ web: WebRequest) throws -> HTTPResponse {
    if let fault = web.request.formFault {
        throw APIError(.badData, "error parsing form values: \(fault)")
    }
    guard !web.values("match[]").isEmpty else {
        throw APIError(.badData, "no match[] parameter provided")
    }
    let limit = try web.limit()
    let (from, through) = try web.window()
    let selectors = try web.naming("match[]") { () throws(APIError) in try web.selectors() }
    let all = try web.context.store.series(selectors, from: from, through: through)
    return limited(all, to: limit) { $0.labels($1) }
}

/// `/api/v1/labels`: the names of labels.
func answerLabels(_ web: WebRequest) throws -> HTTPResponse {
    let limit = try web.limit()
    let (from, through) = try web.window()
    let selectors = try web.selectors()
    let all = try web.context.store.labelNames(selectors, from: from, through: through)
    return limited(all, to: limit) { $0.string($1) }
}

/// `/api/v1/label/NAME/values`: the values of a label; the name may be escaped as `U__`.
func answerLabelValues(_ web: WebRequest) throws -> HTTPResponse {
    let name = unescapedLabelName(web.argument)
    guard !name.isEmpty else {
        throw APIError(.badData, "invalid label name: \(quoted(web.argument))")
    }
    let limit = try web.limit()
    let (from, through) = try web.window()
    let selectors = try web.selectors()
    let all = try web.context.store.labelValues(name, selectors, from: from, through: through)
    return limited(all, to: limit) { $0.string($1) }
}

private func limited<Element>(
    _ all: [Element],
    to limit: Int,
    _ body: (inout JSONWriter, Element) -> Void
) -> HTTPResponse {
    let isCut = limit > 0 && all.count > limit
    let shown = isCut ? all.prefix(limit) : all[...]
    return .success(warnings: isCut ? [truncationWarning] : []) { $0.array(shown, body) }
}

/// Takes back `U__` and `_HEX_`; a broken escape leaves the name as it is.
///
/// Source: prometheus/common, model/metric.go: `UnescapeName`.
func unescapedLabelName(_ name: String) -> String {
    guard name.hasPrefix("U__") else { return name }
    var result = ""
    var rest = name.dropFirst(3)
    while let character = rest.popFirst() {
        guard character == "_" else {
            result.append(character)
            continue
        }
        if rest.first == "_" {
            result.append("_")
            rest.removeFirst()
            continue
        }
        let digits = rest.prefix { $0 != "_" }
        guard digits.count <= 6, digits.allSatisfy(\.isHexDigit), digits.endIndex < rest.endIndex,
            let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code)
        else { return name }
        result.unicodeScalars.append(scalar)
        rest = rest[rest.index(after: digits.endIndex)...]
    }
    return result
}
