// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Storage
import Telemetry
import Testing

@testable import RemoteWrite

@Suite struct WriteReceiverTests {
    private let telemetry = Registry()
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func receiver() async throws -> (SeriesStore, WriteReceiver) {
        let store = try await SeriesStore.open(.memory, telemetry: telemetry)
        return (store, WriteReceiver(store: store, telemetry: telemetry))
    }

    private func send(
        _ receiver: WriteReceiver,
        _ labels: LabelSet,
        _ samples: [(Int64, Double)]
    ) -> WriteReceiver.Answer {
        send(receiver, WriteRequestBuilder.encode(labels), samples)
    }

    private func send(
        _ receiver: WriteReceiver,
        _ labels: [UInt8],
        _ samples: [(Int64, Double)]
    ) -> WriteReceiver.Answer {
        var builder = WriteRequestBuilder()
        builder.add(
            labels: labels,
            samples.map { sample(now.milliseconds + $0.0 * 1_000, $0.1) }
        )
        return send(receiver, builder.bytes)
    }

    private func send(
        _ receiver: WriteReceiver,
        _ message: [UInt8],
        type: String? = "application/x-protobuf",
        encoding: String? = "snappy"
    ) -> WriteReceiver.Answer {
        receiver.receive(
            Snappy.compress(message),
            contentType: type,
            contentEncoding: encoding,
            now: now
        )
    }

    private func samples(_ store: SeriesStore) throws -> [SeriesSamples] {
        try store.select(
            [Matcher("__name__", equals: "m")],
            from: Timestamp(milliseconds: 0),
            through: now + .seconds(86_400)
        )
    }

    private func counted(_ outcome: String) -> Double? {
        telemetry.collect()
            .first { $0.name == "nightjar_remote_write_received_samples_total" }?.samples
            .first { $0.labels["outcome"] == outcome }?.value
    }

    @Test func `samples are stored at their own times, staleness markers too`() async throws {
        let (store, receiver) = try await receiver()
        let answer = send(receiver, ["__name__": "m"], [(-20, 1), (-10, .stalenessMarker), (5, 2)])
        #expect(answer == WriteReceiver.Answer(status: 204, message: ""))
        let found = try #require(try samples(store).first)
        #expect(found.times.map { ($0 - now.milliseconds) / 1_000 } == [-20, -10, 5])
        #expect(found.values[1].isStalenessMarker)
        #expect(counted("stored") == 3)
    }

    @Test func `late and double samples are told apart, and the rest is stored`() async throws {
        let (store, receiver) = try await receiver()
        let answer = send(receiver, ["__name__": "m"], [(0, 1), (0, 1), (0, 2), (-1, 3), (1, 4)])
        #expect(answer.status == 400)
        #expect(
            answer.message
                == "refused 1 out of order samples; 1 samples of other values at times that have"
                + " one; stored 2 samples"
        )
        #expect(try samples(store).map(\.values) == [[1, 4]])
        #expect(counted("late") == 1)
        #expect(counted("duplicate") == 1)
        #expect(counted("conflicting") == 1)
    }

    @Test func `what a sender sends again is no mistake`() async throws {
        let (_, receiver) = try await receiver()
        #expect(send(receiver, ["__name__": "m"], [(0, 1)]).status == 204)
        #expect(send(receiver, ["__name__": "m"], [(0, 1)]).status == 204)
    }

    @Test func `labels in any order are one series, and empty values count as absent`()
        async throws
    {
        let (store, receiver) = try await receiver()
        let sorted = WriteRequestBuilder.encode(["__name__": "m", "a": "1", "b": "2"])
        let name = WriteRequestBuilder.encode(["__name__": "m"])
        let a = WriteRequestBuilder.encode(["a": "1"])
        let b = WriteRequestBuilder.encode(["b": "2"])
        let empty: [UInt8] = [0x0A, 0x03, 0x0A, 0x01, 0x63]
        #expect(send(receiver, sorted, [(0, 1)]).status == 204)
        #expect(send(receiver, b + empty + a + name, [(1, 2)]).status == 204)
        #expect(try samples(store).map(\.values) == [[1, 2]])
    }

    @Test func `wrong series cost only themselves`() async throws {
        let (store, receiver) = try await receiver()
        var builder = WriteRequestBuilder()
        let one = sample(now.milliseconds, 1)
        let name = WriteRequestBuilder.encode(["__name__": "m"])
        let a = WriteRequestBuilder.encode(["a": "1"])
        builder.add(labels: a, [one])
        builder.add(labels: name + a + a, [one])
        builder.add(labels: name, [one, sample(now.milliseconds + 600_001, 2)])
        let answer = send(receiver, builder.bytes)
        #expect(answer.status == 400)
        #expect(
            answer.message.contains("2 invalid series of 2 samples: a series has no metric name")
        )
        #expect(answer.message.contains("1 samples too far ahead of the clock"))
        #expect(try samples(store).map(\.values) == [[1]])
        #expect(counted("invalid") == 2)
        #expect(counted("too_far_ahead") == 1)
    }

    private static let name = WriteRequestBuilder.encode(["__name__": "m"])
    private static func label(_ name: [UInt8], _ value: [UInt8]) -> [UInt8] {
        var pair = WireWriter()
        pair.field(1, bytes: name)
        pair.field(2, bytes: value)
        var field = WireWriter()
        field.field(1, bytes: pair.bytes)
        return field.bytes
    }

    @Test(
        arguments: [
            (label([], [0x31]) + name, "empty_label_name", "a label has no name"),
            (label([], []) + name, "empty_label_name", "a label has no name"),
            (label([0x61], []), "no_metric_name", "a series has no metric name"),
            ([], "no_metric_name", "a series has no metric name"),
            (name + name, "repeated_label_name", "label \"__name__\" comes twice"),
            (
                name + label([0x61], []) + label([0x61], [0x31]), "repeated_label_name",
                "label \"a\" comes twice"
            ),
            (name + label([0x61], [0xC3]), "not_utf8", "a label is not UTF-8"),
            (name + label([0xFF], [0x61]), "not_utf8", "a label is not UTF-8"),
            (
                name + label([0x61], Array(repeating: 0x61, count: 16_385)), "label_too_long",
                "label \"a\" has more than 16384 bytes"
            ),
            (
                (0..<129).flatMap { label([0x61, UInt8($0 & 0x7F)], [0x61]) }, "too_many_labels",
                "a series has more than 128 labels"
            ),
        ]
    )
    func `wrong labels cost their series and are counted by what is wrong`(
        _ labels: [UInt8],
        _ reason: String,
        _ text: String
    ) async throws {
        let (store, receiver) = try await receiver()
        var builder = WriteRequestBuilder()
        let one = sample(now.milliseconds, 1)
        builder.add(labels: labels, [one, one])
        builder.add(labels: Self.name, [one])
        let answer = send(receiver, builder.bytes)
        #expect(answer.status == 400)
        #expect(
            answer.message == "refused 1 invalid series of 2 samples: \(text); stored 1 samples"
        )
        #expect(try samples(store).map(\.values) == [[1]])
        #expect(counted("invalid") == 2)
        let families = telemetry.collect()
        let counter = families.first {
            $0.name == "nightjar_remote_write_received_invalid_series_total"
        }
        let counts = counter?.samples.filter { $0.value > 0 } ?? []
        #expect(counts.map { $0.labels["reason"] } == [reason])
    }

    @Test func `texts of series that cannot be stored are not kept`() async throws {
        let (_, receiver) = try await receiver()
        _ = send(receiver, ["__name__": "m"], [(0, 1)])
        let future = Self.label([0x61], Array("text of the future".utf8))
        #expect(send(receiver, Self.name + future, [(601, 1)]).status == 400)
        #expect(Symbol.existing("text of the future") == nil)
        #expect(counted("too_far_ahead") == 1)

        let store = try await SeriesStore.open(
            StorageOptions(maxSeries: 1),
            telemetry: telemetry
        )
        let full = WriteReceiver(store: store, telemetry: telemetry)
        #expect(send(full, ["__name__": "m"], [(0, 1)]).status == 204)
        let other = Self.label([0x61], Array("text of one too many".utf8))
        let answer = send(full, Self.name + other, [(0, 1), (1, 1)])
        #expect(answer.message == "refused 2 samples above the limit on series; stored 0 samples")
        #expect(Symbol.existing("text of one too many") == nil)
        #expect(counted("limited") == 2)
    }

    @Test func `values keep every bit, and a series with no samples makes none`() async throws {
        let (store, receiver) = try await receiver()
        let values = [
            Double(bitPattern: 0x7FF8_0000_0000_0001), Double(bitPattern: 0xFFF8_DEAD_BEEF_0001),
            .stalenessMarker, -0.0, .leastNonzeroMagnitude, -.infinity,
        ]
        let sent = values.enumerated().map { (Int64($0.offset), $0.element) }
        #expect(send(receiver, ["__name__": "m"], sent).status == 204)
        let found = try #require(try samples(store).first)
        #expect(found.values.map(\.bitPattern) == values.map(\.bitPattern))
        #expect(send(receiver, ["__name__": "m", "a": "none"], []).status == 204)
        #expect(try samples(store).count == 1)
    }

    @Test func `many senders at once lose nothing`() async throws {
        let (store, receiver) = try await receiver()
        await withTaskGroup(of: Void.self) { group in
            for sender in 0..<8 {
                group.addTask {
                    for number in 0..<50 {
                        let labels: LabelSet = ["__name__": "m", "sender": "\(sender)"]
                        _ = send(receiver, labels, [(Int64(number), Double(number))])
                    }
                }
            }
        }
        let found = try samples(store)
        #expect(found.count == 8)
        #expect(found.allSatisfy { $0.values.elementsEqual((0..<50).map(Double.init)) })
        #expect(counted("stored") == 400)
    }

    @Test func `a request cut off anywhere stores nothing that it does not say`() async throws {
        let (store, receiver) = try await receiver()
        var builder = WriteRequestBuilder()
        for number in 0..<3 {
            let labels = WriteRequestBuilder.encode(["__name__": "m", "n": "\(number)"])
            builder.add(labels: labels, [sample(now.milliseconds, 1)])
        }
        let bytes = builder.bytes
        let lengths = [0, bytes.count / 3, bytes.count / 3 * 2, bytes.count]
        for count in 0...bytes.count {
            let status = send(receiver, Array(bytes[..<count])).status
            #expect(status == (lengths.contains(count) ? 204 : 400))
        }
        #expect(try samples(store).map(\.values) == [[1], [1], [1]])
    }

    @Test func `native histograms are refused with a count`() async throws {
        let (store, receiver) = try await receiver()
        let series = WriteRequestBuilder.encode(["__name__": "m"]) + [0x22, 0x00]
        let answer = send(receiver, series, [(0, 1)])
        #expect(answer.status == 400)
        #expect(answer.message.contains("1 native histograms"))
        #expect(try samples(store).count == 1)
        let families = telemetry.collect()
        let counter = families.first {
            $0.name == "nightjar_remote_write_received_histograms_total"
        }
        #expect(counter?.samples.first?.value == 1)
    }

    @Test func `metadata is kept`() async throws {
        let (store, receiver) = try await receiver()
        var builder = WriteRequestBuilder()
        builder.add("m", MetricMetadata(kind: .counter, help: "Counts", unit: "s"))
        #expect(send(receiver, builder.bytes).status == 204)
        #expect(
            store.metadata["m"] == MetricMetadata(kind: .counter, help: "Counts", unit: "s")
        )
    }

    @Test(arguments: [
        ("application/x-protobuf", "snappy", 204),
        ("application/x-protobuf;proto=prometheus.WriteRequest", "snappy", 204),
        ("Application/X-Protobuf; proto=\"prometheus.WriteRequest\"", "Snappy", 204),
        ("", "", 204),
        ("application/x-protobuf;proto=io.prometheus.write.v2.Request", "snappy", 415),
        ("application/json", "snappy", 415),
        ("application/x-protobuf;proto=", "snappy", 415),
        ("application/x-protobuf", "identity", 415),
        ("application/x-protobuf", "gzip", 415),
    ])
    func `types and encodings other than version 1.0's are answered 415`(
        _ type: String,
        _ encoding: String,
        _ status: Int
    ) async throws {
        let (_, receiver) = try await receiver()
        #expect(send(receiver, [], type: type, encoding: encoding).status == status)
    }

    @Test func `garbage is answered 400, and what is too large 413`() async throws {
        let (_, receiver) = try await receiver()
        func answer(_ body: [UInt8]) -> Int {
            receiver.receive(body, contentType: nil, contentEncoding: nil, now: now).status
        }
        #expect(answer([]) == 400)
        #expect(answer(Array("not snappy".utf8)) == 400)
        #expect(answer(Snappy.compress([0x0B])) == 400)
        // Sizes that are told and not true: far too much, a little too much, a little too little.
        let packed = Snappy.compress(Array(repeating: 7, count: 100))
        #expect(answer([0xFF, 0xFF, 0xFF, 0xFF, 0x0F] + packed.dropFirst()) == 413)
        #expect(answer([101] + packed.dropFirst()) == 400)
        #expect(answer([99] + packed.dropFirst()) == 400)
        let large = Snappy.compress([UInt8](repeating: 0, count: WriteReceiver.maxBytes + 1))
        #expect(answer(large) == 413)
    }
}
