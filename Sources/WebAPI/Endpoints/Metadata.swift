// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import Samples
internal import SourceText
internal import Storage

/// `/api/v1/metadata`: kind, help and unit of metrics; one description is kept of each.
///
/// Source: Prometheus, web/api/v1/api.go: `metricMetadata`, where a limit of 0 shows nothing.
func answerMetadata(_ web: WebRequest) throws -> HTTPResponse {
    let limit = try web.count("limit")
    _ = try web.count("limit_per_metric")
    var all = web.context.store.metadata.sorted { $0.key < $1.key }
    if let metric = web.value("metric") { all = all.filter { $0.key == metric } }
    if let limit, limit >= 0 { all = Array(all.prefix(limit)) }
    return .success { json in
        json.object { json in
            for (name, metadata) in all {
                json.key(name)
                json.array { json in
                    json.object { json in
                        json.field("type", metadata.kind.rawValue)
                        json.field("help", metadata.help)
                        json.field("unit", metadata.unit)
                    }
                }
            }
        }
    }
}
