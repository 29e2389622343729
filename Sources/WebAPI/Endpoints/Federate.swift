// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Exposition
internal import HTTPServer
internal import Samples
internal import Storage

/// `GET /federate`: the latest sample of each selected series, with its time.
///
/// Source: Prometheus, web/federate.go.
func answerFederate(_ web: WebRequest) async throws -> HTTPResponse {
    let now = web.context.now()
    let from = now - .seconds(300) + .milliseconds(1)
    var seen: Set<LabelSet> = []
    var families: [String: MetricFamily] = [:]
    for matchers in try web.selectors() {
        for series in try web.context.store.select(matchers, from: from, through: now) {
            guard let value = series.values.last, let time = series.times.last,
                !value.isStalenessMarker, seen.insert(series.labels).inserted
            else { continue }
            let name = series.labels.metricName
            let empty = MetricFamily(name: name, kind: .unknown, help: "")
            families[name, default: empty].samples.append(
                SeriesSample(
                    labels: series.labels,
                    value: value,
                    time: Timestamp(milliseconds: time)
                )
            )
        }
    }
    let page = ExpositionWriter.page(Array(families.values), format: .text)
    return HTTPResponse(
        200,
        [HTTPField("Content-Type", ExpositionFormat.text.contentType)],
        body: .bytes(page)
    )
}
