// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import Samples
internal import SourceText
internal import Storage

/// `/api/v1/query`: an expression at a moment.
///
/// Source: Prometheus, web/api/v1/api.go: `query`.
func answerQuery(_ web: WebRequest) async throws -> HTTPResponse {
    let time = try web.time("time", default: web.context.now())
    let query = try web.query()
    let limit = try web.limit()
    return respond(try await web.context.queries.instant(query, time), limit: limit)
}

/// Renders a result; what is beyond `limit` series is left out with a warning.
func respond(_ answer: QueryAnswer, limit: Int) -> HTTPResponse {
    var answer = answer
    switch answer.value {
    case .vector(let rows) where limit > 0 && rows.count > limit:
        answer.value = .vector(Array(rows.prefix(limit)))
        answer.warnings.append("results truncated due to limit")
    case .matrix(let rows) where limit > 0 && rows.count > limit:
        answer.value = .matrix(Array(rows.prefix(limit)))
        answer.warnings.append("results truncated due to limit")
    default: break
    }
    return .success(warnings: answer.warnings, infos: answer.infos) { json in
        json.object { json in
            json.field("resultType", answer.value.typeName)
            json.key("result")
            json.value(answer.value)
        }
    }
}

extension QueryAnswer.Value {
    fileprivate var typeName: String {
        switch self {
        case .scalar: "scalar"
        case .string: "string"
        case .vector: "vector"
        case .matrix: "matrix"
        }
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ value: QueryAnswer.Value) {
        switch value {
        case .scalar(let sample):
            self.sample(sample.time.milliseconds, sample.value)
        case .string(let text, let time):
            array { json in
                json.seconds(time.milliseconds)
                json.string(text)
            }
        case .vector(let rows):
            array(rows) { json, row in
                json.object { json in
                    json.key("metric")
                    json.labels(row.labels)
                    json.key("value")
                    json.sample(row.sample.time.milliseconds, row.sample.value)
                }
            }
        case .matrix(let rows):
            array(rows) { json, row in
                json.object { json in
                    json.key("metric")
                    json.labels(row.labels)
                    json.key("values")
                    json.array(zip(row.times, row.values)) { $0.sample($1.0, $1.1) }
                }
            }
        }
    }
}
