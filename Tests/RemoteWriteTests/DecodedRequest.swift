// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Storage

@testable import RemoteWrite

/// A whole request as values that can be compared.
struct DecodedRequest: Hashable {
    struct Series: Hashable {
        var labels: [Pair] = []
        var samples: [Sample] = []
    }

    struct Pair: Hashable {
        var name = ""
        var value = ""
    }

    var series: [Series] = []
    var metadata: [String: MetricMetadata] = [:]
    var exemplarCount = 0
    var histogramCount = 0

    init(_ bytes: [UInt8]) throws {
        let request = try WriteRequest(bytes)
        metadata = request.metadata
        exemplarCount = request.exemplarCount
        histogramCount = request.histogramCount
        for one in request.series {
            var decoded = Series()
            decoded.samples = one.samples.map {
                sample(request.times[$0], request.values[$0])
            }
            var reader = WireReader(request.bytes)
            reader.position = one.labels.lowerBound
            while let (_, value) = try reader.next(before: one.labels.upperBound) {
                guard let field = value.range else { continue }
                reader.position = field.lowerBound
                var pair = Pair()
                while let (number, value) = try reader.next(before: field.upperBound) {
                    guard let range = value.range else { continue }
                    let text = String(decoding: request.bytes[range], as: UTF8.self)
                    if number == 1 { pair.name = text } else if number == 2 { pair.value = text }
                }
                decoded.labels.append(pair)
            }
            series.append(decoded)
        }
    }
}
