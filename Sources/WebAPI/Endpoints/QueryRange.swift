// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import PromQLSyntax
internal import Samples

/// `/api/v1/query_range`: an expression from a moment through another.
///
/// Source: Prometheus, web/api/v1/api.go: `queryRange`.
func answerQueryRange(_ web: WebRequest) async throws -> HTTPResponse {
    let limit = try web.limit()
    let from = try web.time("start")
    let through = try web.time("end")
    guard through >= from else {
        throw web.invalid("end", "end timestamp must not be before start time")
    }
    let step = try web.duration("step")
    guard step > .zero else {
        throw web.invalid(
            "step",
            "zero or negative query resolution step widths are not accepted. Try a positive integer"
        )
    }
    guard (through - from) / step < 11_001 else {
        throw APIError(
            .badData,
            "exceeded maximum resolution of 11,000 points per timeseries. "
                + "Try decreasing the query resolution (?step=XX)"
        )
    }
    let options = try web.queryOptions()
    var query = try web.expression()
    query.options = options
    let type = query.expression.type
    guard type == .scalar || type == .instantVector else {
        throw APIError(
            .badData,
            "invalid expression type \(quoted(type.rawValue)) for range query, "
                + "must be Scalar or instant Vector"
        )
    }
    let answer = try await web.context.queries.range(
        query,
        from,
        through,
        max(step, .milliseconds(1))
    )
    return respond(answer, web, limit: limit)
}
