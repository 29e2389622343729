// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import PromQLEngine
internal import Samples
internal import SourceText
internal import Storage

/// `/api/v1/query`: an expression at a moment.
///
/// Source: Prometheus, web/api/v1/api.go: `query`.
func answerQuery(_ web: WebRequest) async throws -> HTTPResponse {
    let limit = try web.limit()
    let time = try web.time("time", default: web.context.now())
    let options = try web.queryOptions()
    var query = try web.naming("query") { () throws(APIError) in try web.expression() }
    query.options = options
    return respond(try await web.context.queries.instant(query, time), web, limit: limit)
}

/// The answer to a request that has one at once; nil for all others, mistaken ones included.
func answerQueryAtOnce(_ web: WebRequest) -> HTTPResponse? {
    // What takes long to parse, such as a large regular expression, takes long to say too.
    guard let text = web.value("query"), text.utf8.count <= 1_024,
        let limit = try? web.limit(),
        let time = try? web.time("time", default: web.context.now()),
        let options = try? web.queryOptions(),
        var query = try? web.expression()
    else { return nil }
    query.options = options
    return web.context.queries.atOnce(query, time).map { respond($0, web, limit: limit) }
}

/// What Prometheus says of a result of which a part was left out.
let truncationWarning = "results truncated due to limit"

/// Renders a result; what is beyond `limit` series is left out with a warning.
func respond(_ answer: QueryAnswer, _ web: WebRequest, limit: Int) -> HTTPResponse {
    var answer = answer
    switch answer.value {
    case .vector(let rows) where limit > 0 && rows.count > limit:
        answer.value = .vector(Array(rows.prefix(limit)))
        answer.warnings.append(truncationWarning)
    case .matrix(let rows) where limit > 0 && rows.count > limit:
        answer.value = .matrix(Array(rows.prefix(limit)))
        answer.warnings.append(truncationWarning)
    default: break
    }
    return .success(warnings: answer.warnings, infos: answer.infos) { json in
        json.object { json in
            json.field("resultType", answer.value.typeName)
            json.key("result")
            json.value(answer.value)
            if web.value("stats") != nil {
                json.key("stats")
                json.statistics(answer.statistics)
            }
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
            // Unlike samples, Prometheus writes scalars without an exponent.
            array { json in
                json.seconds(sample.time.milliseconds)
                var text: [UInt8] = []
                text.appendPlain(sample.value)
                json.string(String(decoding: text, as: UTF8.self))
            }
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
                    json.point(row.sample.time.milliseconds, row.sample.value)
                }
            }
        case .matrix(let rows):
            makeRoom(forPoints: rows.reduce(rows.count) { $0 + $1.times.count })
            array(rows) { json, row in
                json.object { json in
                    json.key("metric")
                    json.labels(row.labels)
                    json.key("values")
                    json.points(row.times.span, row.values.span)
                }
            }
        }
    }
}

extension JSONWriter {
    /// Source: Prometheus, util/stats/query_stats.go: `BuiltinStats`.
    fileprivate mutating func statistics(_ statistics: QueryStatistics) {
        object { json in
            json.key("timings")
            json.object { json in
                json.field("evalTotalTime", statistics.evaluationTime.inSeconds)
                json.field("resultSortTime", statistics.sortTime.inSeconds)
                json.field("queryPreparationTime", statistics.preparationTime.inSeconds)
                json.field("innerEvalTime", statistics.innerEvaluationTime.inSeconds)
                json.field("execQueueTime", statistics.queueTime.inSeconds)
                json.field("execTotalTime", statistics.totalTime.inSeconds)
            }
            json.key("samples")
            json.object { json in
                if let steps = statistics.samplesPerStep {
                    json.key("totalQueryableSamplesPerStep")
                    json.array(steps) { json, step in
                        json.array { json in
                            json.seconds(step.time.milliseconds)
                            json.integer(Int64(step.count))
                        }
                    }
                }
                json.field("totalQueryableSamples", statistics.totalQueryableSamples)
                json.field("peakSamples", statistics.peakSamples)
            }
        }
    }
}
