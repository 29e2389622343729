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
        #expect(answer.message.contains("2 samples of invalid series: a series has no metric name"))
        #expect(answer.message.contains("1 samples too far ahead of the clock"))
        #expect(try samples(store).map(\.values) == [[1]])
        #expect(counted("invalid") == 2)
        #expect(counted("too_far_ahead") == 1)
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
        let large = Snappy.compress([UInt8](repeating: 0, count: WriteReceiver.maxBytes + 1))
        #expect(answer(large) == 413)
    }
}
