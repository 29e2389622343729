// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import Samples
internal import SourceText
internal import Storage

/// `/api/v1/status/tsdb`: what takes the most room in memory.
///
/// Source: Prometheus, web/api/v1/api.go: `serveTSDBStatus`.
func answerStorageStatus(_ web: WebRequest) throws -> HTTPResponse {
    let text = web.value("limit") ?? "10"
    guard let limit = Int(text), limit > 0 else {
        throw APIError(.badData, "limit must be a positive number")
    }
    let statistics = web.context.store.headStatistics
    var all = LatestSamples([[]])
    try web.context.store.read(&all, from: web.context.now(), through: web.context.now())
    let census = LabelCensus(all.labels)
    return .success { json in
        json.object { json in
            json.key("headStats")
            json.object { json in
                json.field("numSeries", statistics.seriesCount)
                json.field("numLabelPairs", census.series.count)
                json.field("chunkCount", statistics.chunkCount)
                // What Prometheus tells of an empty head.
                json.field("minTime", Int(statistics.firstTime?.milliseconds ?? .max))
                json.field("maxTime", Int(statistics.lastTime?.milliseconds ?? .min))
            }
            json.ranking("seriesCountByMetricName", census.byMetric, limit)
            json.ranking("labelValueCountByLabelName", census.valuesByName, limit)
            json.ranking("memoryInBytesByLabelName", census.bytesByName, limit)
            json.ranking("seriesCountByLabelValuePair", census.byPair, limit)
        }
    }
}

/// `/api/v1/status/walreplay`: what there was to read back at the start has been read.
func answerReplayStatus(_ web: WebRequest) -> HTTPResponse {
    .success { json in
        json.object { json in
            json.field("min", 0)
            json.field("max", 0)
            json.field("current", 0)
            json.field("state", "done")
        }
    }
}

/// How many series have which labels.
private struct LabelCensus {
    /// By pair.
    private(set) var series: [Label: Int] = [:]
    /// Bytes of the values, by name.
    private var bytes: [Symbol: Int] = [:]

    init(_ labels: some Sequence<LabelSet>) {
        var sizes: [Symbol: Int] = [:]
        for set in labels {
            for label in set.labels {
                series[label, default: 0] += 1
                let size = sizes[label.value] ?? label.value.text.utf8.count
                sizes[label.value] = size
                bytes[label.name, default: 0] += size
            }
        }
    }

    var byMetric: [(String, Int)] {
        series.filter { $0.key.name == .metricName }.map { ($0.key.value.text, $0.value) }
    }

    var valuesByName: [(String, Int)] {
        Dictionary(grouping: series.keys, by: \.name).map { ($0.key.text, $0.value.count) }
    }

    var bytesByName: [(String, Int)] { bytes.map { ($0.key.text, $0.value) } }

    var byPair: [(String, Int)] {
        series.map { ("\($0.key.name.text)=\($0.key.value.text)", $0.value) }
    }
}

extension JSONWriter {
    /// The greatest counts with their names, of equal ones by name.
    fileprivate mutating func ranking(_ name: String, _ counts: [(String, Int)], _ limit: Int) {
        key(name)
        array(counts.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(limit)) { json, each in
            json.object { json in
                json.field("name", each.0)
                json.field("value", each.1)
            }
        }
    }
}
