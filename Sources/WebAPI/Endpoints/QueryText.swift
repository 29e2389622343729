// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import PromQLSyntax
internal import SourceText

/// `/api/v1/format_query`: an expression, laid out for people.
func answerFormatQuery(_ web: WebRequest) throws -> HTTPResponse {
    let query = try web.naming("query") { () throws(APIError) in try web.expression() }
    let text = query.expression.prettyPrinted
    return .success { $0.string(text) }
}

/// `/api/v1/query_exemplars`: checks the parameters; no exemplars are kept.
///
/// An expression without a selector has no content, rather than an empty list.
///
/// Source: Prometheus, web/api/v1/api.go: `queryExemplars`.
func answerExemplars(_ web: WebRequest) throws -> HTTPResponse {
    let (from, through) = try web.window()
    guard through >= from else {
        throw APIError(.badData, "end timestamp must not be before start timestamp")
    }
    guard try !web.expression().expression.selectors.isEmpty else {
        return HTTPResponse(204, body: .bytes([]))
    }
    return .success { $0.array { _ in } }
}
