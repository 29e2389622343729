// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Storage

/// What one request of remote write 1.0 carries: the samples read, the labels still as bytes.
///
/// Nearly every series of a request was in the sender's last one too, so its labels are only read
/// where their bytes are new. Source: Prometheus, prompb/remote.proto and prompb/types.proto:
/// `WriteRequest`.
struct WriteRequest: Sendable {
    /// A series with its samples.
    struct Series: Sendable {
        /// Where the fields of its labels are, one after the other.
        var labels: Range<Int>
        /// The places of its samples.
        var samples: Range<Int>
    }

    /// The message, and behind it the labels of series that had other fields between theirs.
    private(set) var bytes: [UInt8]
    private(set) var series: ContiguousArray<Series> = []
    /// The samples' times, as they came.
    private(set) var times: ContiguousArray<Int64> = []
    /// The samples' values, bit for bit.
    private(set) var values: ContiguousArray<Double> = []
    /// How many exemplars came; they are not kept.
    private(set) var exemplarCount = 0
    /// How many native histograms came; they are not kept.
    private(set) var histogramCount = 0
    /// What metrics measure, by the family's name; the last counts.
    private(set) var metadata: [String: MetricMetadata] = [:]

    /// Series, labels, samples and metadata taken at most, as two bytes of a hostile message can make
    /// any of them.
    static let maxParts = 2_000_000
    /// Bytes of a metric's name, help or unit taken at most: they are kept for the life of the process.
    static let maxDescription = 4 << 10

    /// Reads a message.
    init(_ message: [UInt8]) throws(WireReader.Failure) {
        bytes = message
        var reader = WireReader(message)
        var parts = 0
        while let (number, value) = try reader.next(before: message.count) {
            guard let range = value.range else { continue }
            parts += 1
            switch number {
            case 1: try readSeries(range, &reader, &parts)
            case 3: try readMetadata(range, &reader)
            default: break
            }
            reader.position = range.upperBound
            guard parts <= Self.maxParts else { throw .tooMuch }
        }
    }

    private mutating func readSeries(
        _ range: Range<Int>,
        _ reader: inout WireReader,
        _ parts: inout Int
    ) throws(WireReader.Failure) {
        reader.position = range.lowerBound
        let firstSample = times.count
        var labels = range.lowerBound..<range.lowerBound
        var labelBytes = 0
        while true {
            let start = reader.position
            guard let (number, value) = try reader.next(before: range.upperBound) else { break }
            guard let field = value.range else { continue }
            parts += 1
            guard parts <= Self.maxParts else { throw .tooMuch }
            switch number {
            case 1:
                labels = (labels.isEmpty ? start : labels.lowerBound)..<field.upperBound
                labelBytes += field.upperBound - start
            case 2:
                try readSample(field, &reader)
                reader.position = field.upperBound
            case 3: exemplarCount += 1
            case 4: histogramCount += 1
            default: break
            }
        }
        if labelBytes != labels.count { labels = try gatherLabels(labels, &reader) }
        series.append(Series(labels: labels, samples: firstSample..<times.count))
    }

    private mutating func readSample(
        _ range: Range<Int>,
        _ reader: inout WireReader
    ) throws(WireReader.Failure) {
        reader.position = range.lowerBound
        var time: Int64 = 0
        var number = 0.0
        while let (field, value) = try reader.next(before: range.upperBound) {
            switch field {
            case 1: number = value.double ?? number
            case 2: time = value.integer ?? time
            default: break
            }
        }
        times.append(time)
        values.append(number)
    }

    /// Copies labels that other fields stand between, as no sender known does, to one place.
    private mutating func gatherLabels(
        _ range: Range<Int>,
        _ reader: inout WireReader
    ) throws(WireReader.Failure) -> Range<Int> {
        let end = reader.position
        let first = bytes.count
        reader.position = range.lowerBound
        while true {
            let start = reader.position
            guard let (number, value) = try reader.next(before: range.upperBound) else { break }
            if number == 1, let field = value.range {
                bytes += reader.bytes[start..<field.upperBound]
            }
        }
        reader.position = end
        return first..<bytes.count
    }

    private mutating func readMetadata(
        _ range: Range<Int>,
        _ reader: inout WireReader
    ) throws(WireReader.Failure) {
        var kind = MetricKind.unknown
        var texts = (name: "", help: "", unit: "")
        reader.position = range.lowerBound
        while let (number, value) = try reader.next(before: range.upperBound) {
            if number == 1 {
                kind = value.integer.flatMap(MetricKind.init(remoteWrite:)) ?? .unknown
                continue
            }
            guard let field = value.range, field.count <= Self.maxDescription,
                let text = String(validating: reader.bytes[field], as: UTF8.self)
            else { continue }
            switch number {
            case 2: texts.name = text
            case 4: texts.help = text
            case 5: texts.unit = text
            default: break
            }
        }
        guard !texts.name.isEmpty else { return }
        metadata[texts.name] = MetricMetadata(kind: kind, help: texts.help, unit: texts.unit)
    }
}

extension MetricKind {
    /// The numbers of `MetricMetadata.MetricType`, in their order.
    private static let numbered: [MetricKind] = [
        .unknown, .counter, .gauge, .histogram, .gaugehistogram, .summary, .info, .stateset,
    ]

    fileprivate init?(remoteWrite number: Int64) {
        guard Self.numbered.indices.contains(Int(clamping: number)) else { return nil }
        self = Self.numbered[Int(number)]
    }

    /// The number that stands for it in a message.
    var remoteWriteNumber: Int64 { Int64(Self.numbered.firstIndex(of: self) ?? 0) }
}
