// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import PromQLSyntax
internal import SourceText

/// `/api/v1/format_query`: an expression, laid out for people.
func answerFormatQuery(_ web: WebRequest) throws -> HTTPResponse {
    let text = try web.query().expression.prettyPrinted
    return .success { $0.string(text) }
}

/// `/api/v1/query_exemplars`: checks the parameters; no exemplars are kept.
func answerExemplars(_ web: WebRequest) throws -> HTTPResponse {
    _ = try web.query()
    return .success { $0.array { _ in } }
}
