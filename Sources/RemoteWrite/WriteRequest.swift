// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Storage

/// What one request of remote write 1.0 carries.
///
/// Source: Prometheus, prompb/remote.proto and prompb/types.proto: `WriteRequest`.
struct WriteRequest: Hashable {
    /// A series with its samples.
    struct Series: Hashable {
        /// Names and values as they came, in the order that they came.
        var labels: [Pair] = []
        /// The samples, as they came.
        var samples: [Sample] = []
        /// How many exemplars came; they are not kept.
        var exemplarCount = 0
        /// How many native histograms came; they are not kept.
        var histogramCount = 0
    }

    /// A label's name with its value.
    struct Pair: Hashable {
        var name = ""
        var value = ""
    }

    var series: [Series] = []
    /// What metrics measure, by the family's name; the last counts.
    var metadata: [String: MetricMetadata] = [:]

    /// Series, labels, samples and metadata taken at most, as two bytes of a hostile message can make
    /// any of them.
    static let maxParts = 2_000_000
}

extension WriteRequest {
    /// Reads a message.
    init(_ bytes: [UInt8]) throws(WireReader.Failure) {
        var reader = WireReader(bytes)
        var parts = 0
        while let (number, value) = try reader.next() {
            guard let range = value.range else { continue }
            parts += 1
            switch number {
            case 1: series.append(try Series(reader.message(range), &parts))
            case 3:
                let (name, about) = try Self.metadata(reader.message(range))
                if !name.isEmpty { metadata[name] = about }
            default: break
            }
            guard parts <= Self.maxParts else { throw .tooMuch }
        }
    }
}

extension WriteRequest.Series {
    fileprivate init(_ message: WireReader, _ parts: inout Int) throws(WireReader.Failure) {
        var reader = message
        while let (number, value) = try reader.next() {
            guard let range = value.range else { continue }
            parts += 1
            guard parts <= WriteRequest.maxParts else { throw .tooMuch }
            switch number {
            case 1: labels.append(try WriteRequest.Pair(reader.message(range)))
            case 2: samples.append(try Sample(reader.message(range)))
            case 3: exemplarCount += 1
            case 4: histogramCount += 1
            default: break
            }
        }
    }
}

extension WriteRequest.Pair {
    fileprivate init(_ message: WireReader) throws(WireReader.Failure) {
        var reader = message
        while let (number, value) = try reader.next() {
            guard let range = value.range else { continue }
            switch number {
            case 1: name = try reader.text(range)
            case 2: self.value = try reader.text(range)
            default: break
            }
        }
    }
}

extension Sample {
    fileprivate init(_ message: WireReader) throws(WireReader.Failure) {
        self.init(time: Timestamp(milliseconds: 0), value: 0)
        var reader = message
        while let (number, field) = try reader.next() {
            switch number {
            case 1: value = field.double ?? value
            case 2: time.milliseconds = field.integer ?? time.milliseconds
            default: break
            }
        }
    }
}

extension WriteRequest {
    fileprivate static func metadata(
        _ message: WireReader
    ) throws(WireReader.Failure) -> (String, MetricMetadata) {
        var name = ""
        var about = MetricMetadata(kind: .unknown, help: "")
        var reader = message
        while let (number, value) = try reader.next() {
            switch number {
            case 1: about.kind = value.integer.flatMap(MetricKind.init(remoteWrite:)) ?? .unknown
            case 2: if let range = value.range { name = try reader.text(range) }
            case 4: if let range = value.range { about.help = try reader.text(range) }
            case 5: if let range = value.range { about.unit = try reader.text(range) }
            default: break
            }
        }
        return (name, about)
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

    fileprivate var remoteWriteNumber: Int64 {
        Int64(Self.numbered.firstIndex(of: self) ?? 0)
    }
}

/// Appends the parts of a `WriteRequest` one after the other.
struct WriteRequestBuilder {
    private var message = WireWriter()
    /// How many samples are in it.
    private(set) var sampleCount = 0

    /// The message.
    var bytes: [UInt8] { message.bytes }

    /// Adds samples of a series whose labels are encoded already.
    mutating func add(labels: [UInt8], _ samples: some Collection<Sample>) {
        message.begin(
            1,
            byteCount: samples.reduce(labels.count) { $0 + 2 + Self.byteCount($1) }
        )
        message.fields(labels)
        for sample in samples {
            message.begin(2, byteCount: Self.byteCount(sample))
            message.field(1, double: sample.value)
            message.field(2, integer: sample.time.milliseconds)
        }
        sampleCount += samples.count
    }

    /// Bytes of a sample's message, below 128: tag and value, tag and time.
    private static func byteCount(_ sample: Sample) -> Int {
        let time = UInt64(bitPattern: sample.time.milliseconds)
        return 9 + 1 + max(1, (70 - time.leadingZeroBitCount) / 7)
    }

    /// Adds what a metric measures.
    mutating func add(_ name: String, _ metadata: MetricMetadata) {
        var one = WireWriter()
        if metadata.kind != .unknown { one.field(1, integer: metadata.kind.remoteWriteNumber) }
        one.field(2, bytes: name.utf8)
        if !metadata.help.isEmpty { one.field(4, bytes: metadata.help.utf8) }
        if !metadata.unit.isEmpty { one.field(5, bytes: metadata.unit.utf8) }
        message.field(3, bytes: one.bytes)
    }

    /// The labels of a series as fields of its message, in the set's order.
    static func encode(_ labels: LabelSet) -> [UInt8] {
        var fields = WireWriter()
        for (name, value) in labels.pairs {
            var pair = WireWriter()
            pair.field(1, bytes: name.utf8)
            pair.field(2, bytes: value.utf8)
            fields.field(1, bytes: pair.bytes)
        }
        return fields.bytes
    }
}
