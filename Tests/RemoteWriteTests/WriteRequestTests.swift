// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Storage
import Testing

@testable import RemoteWrite

/// A message of two series with edge values, and metadata.
func sampleMessage() -> [UInt8] {
    var builder = WriteRequestBuilder()
    let first = WriteRequestBuilder.encode(["__name__": "m", "a": "ü"])
    builder.add(labels: first, [sample(1_700_000_000_123, 1.5), sample(-1, .stalenessMarker)])
    let second = WriteRequestBuilder.encode(["__name__": "n"])
    builder.add(labels: second, [sample(.max, -.infinity), sample(0, 0)])
    builder.add("m", MetricMetadata(kind: .stateset, help: "Help", unit: "s"))
    return builder.bytes
}

func sample(_ milliseconds: Int64, _ value: Double) -> Sample {
    Sample(time: Timestamp(milliseconds: milliseconds), value: value)
}

@Suite struct WriteRequestTests {
    @Test func `what was written is read again, bit for bit`() throws {
        let request = try DecodedRequest(sampleMessage())
        #expect(request.series.map { $0.labels.map(\.name) } == [["__name__", "a"], ["__name__"]])
        #expect(request.series[0].labels[1].value == "ü")
        #expect(
            request.series.map { $0.samples.map(\.time.milliseconds) }
                == [[1_700_000_000_123, -1], [.max, 0]]
        )
        #expect(request.series[0].samples[1].value.isStalenessMarker)
        #expect(request.series[1].samples.map(\.value) == [-.infinity, 0])
        #expect(
            request.metadata
                == ["m": MetricMetadata(kind: .stateset, help: "Help", unit: "s")]
        )
    }

    @Test func `bytes made by another encoder are read`() throws {
        // From `protoc --encode`, with an exemplar (3), a native histogram (4) and a field 15.
        let bytes: [UInt8] = [
            0x0A, 0x25, 0x0A, 0x0D, 0x0A, 0x08, 0x5F, 0x5F, 0x6E, 0x61, 0x6D, 0x65, 0x5F, 0x5F,
            0x12, 0x01, 0x78, 0x12, 0x0B, 0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x10, 0x07,
            0x1A, 0x02, 0x10, 0x01, 0x22, 0x00, 0x78, 0x01,
        ]
        var whole = bytes
        whole[1] = UInt8(bytes.count - 2)
        let request = try DecodedRequest(whole)
        #expect(request.series[0].labels == [DecodedRequest.Pair(name: "__name__", value: "x")])
        #expect(request.series[0].samples == [sample(7, 1)])
        #expect(request.exemplarCount == 1)
        #expect(request.histogramCount == 1)
    }

    @Test func `labels among other fields are gathered, and the samples stay theirs`() throws {
        // A sample, a label, a sample, a label; then a series of the usual order.
        let sample: [UInt8] = [0x12, 0x02, 0x10, 0x07]
        func label(_ name: UInt8) -> [UInt8] { [0x0A, 0x06, 0x0A, 0x01, name, 0x12, 0x01, 0x7A] }
        let mixed = sample + label(0x61) + sample + label(0x62)
        let usual = label(0x61) + label(0x62) + sample
        let request = try DecodedRequest(
            [0x0A, UInt8(mixed.count)] + mixed + [0x0A, UInt8(usual.count)] + usual
        )
        #expect(request.series.map { $0.labels.map(\.name) } == [["a", "b"], ["a", "b"]])
        #expect(request.series.map(\.samples.count) == [2, 1])
    }

    @Test func `a description too long for keeping is left out`() throws {
        var builder = WriteRequestBuilder()
        let help = String(repeating: "x", count: WriteRequest.maxDescription + 1)
        builder.add("long", MetricMetadata(kind: .gauge, help: help))
        builder.add(help, MetricMetadata(kind: .gauge, help: "short"))
        #expect(
            try DecodedRequest(builder.bytes).metadata
                == ["long": MetricMetadata(kind: .gauge, help: "")]
        )
    }

    @Test func `a message cut anywhere but between its parts is refused`() throws {
        let bytes = sampleMessage()
        var whole = 0
        for count in 0..<bytes.count where (try? DecodedRequest(Array(bytes[..<count]))) != nil {
            whole += 1
        }
        // The empty message, and those that end after a series.
        #expect(whole == 3)
    }

    @Test func `a message with any byte changed is read or refused, and nothing else`() {
        let bytes = sampleMessage()
        var refused = 0
        for place in bytes.indices {
            for value in [UInt8(0), 0x7F, 0x80, 0xFF] {
                var broken = bytes
                broken[place] = value
                if (try? DecodedRequest(broken)) == nil { refused += 1 }
            }
        }
        #expect(refused > bytes.count / 4)
    }

    @Test(
        arguments: [
            ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], .truncated),
            ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .truncated),
            ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], .malformed),
            ([0x0A, 0x05, 0x0A], .truncated),
            ([0x0B], .malformed),
            ([0x02, 0x00], .malformed),
            ([0x0A, 0x05, 0x0A, 0x03, 0x0A, 0x02, 0x61], .truncated),
            ([0x0A, 0x04, 0x12, 0x02, 0x09, 0x01], .truncated),
        ] as [([UInt8], WireReader.Failure)]
    )
    func `hostile lengths and types are refused`(
        _ bytes: [UInt8],
        _ failure: WireReader.Failure
    ) {
        #expect(throws: failure) { try DecodedRequest(bytes) }
    }

    @Test func `a small message of very many parts is refused`() {
        var bytes: [UInt8] = []
        for _ in 0...WriteRequest.maxParts { bytes += [0x0A, 0x00] }
        #expect(throws: WireReader.Failure.tooMuch) { try WriteRequest(bytes) }
    }

    @Test func `snappy packs and unpacks, and asks for the length first`() throws {
        let bytes = [UInt8](repeating: 7, count: 100_000) + Array(0...255)
        let packed = Snappy.compress(bytes)
        #expect(packed.count < 10_000)
        #expect(try Snappy.uncompress(packed, limit: bytes.count) == bytes)
        #expect(throws: Snappy.Failure.tooLarge(bytes.count)) {
            try Snappy.uncompress(packed, limit: bytes.count - 1)
        }
        #expect(throws: Snappy.Failure.tooLarge(0xFFFF_FFFF)) {
            try Snappy.uncompress([0xFF, 0xFF, 0xFF, 0xFF, 0x0F], limit: 1 << 20)
        }
        for count in 0..<packed.count {
            #expect(throws: Snappy.Failure.self) {
                try Snappy.uncompress(Array(packed[..<count]), limit: 1 << 20)
            }
        }
        #expect(try Snappy.uncompress(Snappy.compress([]), limit: 0) == [])
    }
}
