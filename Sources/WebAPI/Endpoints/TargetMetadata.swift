// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import HTTPServer
internal import PromQLSyntax
internal import Samples
internal import SourceText

/// `/api/v1/targets/metadata`: kind, help and unit of metrics, target by target.
///
/// Source: Prometheus, web/api/v1/api.go: `targetMetadata`.
func answerTargetMetadata(_ web: WebRequest) throws -> HTTPResponse {
    let limit = try web.count("limit").flatMap { $0 < 0 ? nil : $0 } ?? .max
    let matchers = try web.naming("match_target") { () throws(APIError) in try targetMatchers(web) }
    let metric = web.value("metric")
    var found: [(labels: LabelSet, family: MetricFamily)] = []
    for entry in web.context.board.targets {
        let labels = entry.description.labels
        guard matchers.allSatisfy({ $0.matches(labels[$0.name.text]) }) else { continue }
        for family in entry.outcome?.families ?? [] where metric == nil || metric == family.name {
            found.append((labels, family))
        }
    }
    return .success { json in
        json.array(found.prefix(limit)) { json, each in
            json.object { json in
                json.key("target")
                json.labels(each.labels)
                if metric == nil { json.field("metric", each.family.name) }
                json.field("type", each.family.kind.rawValue)
                json.field("help", each.family.help)
                json.field("unit", each.family.unit)
            }
        }
    }
}

private func targetMatchers(_ web: WebRequest) throws(APIError) -> [Matcher] {
    guard let text = web.value("match_target") else { return [] }
    do {
        return try parseMetricSelector(text)
    } catch {
        throw APIError(.badData, "\(error)")
    }
}
