// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Storage

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
