// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Locking
import Samples
import Storage
import Telemetry
import Testing

@testable import Collectors

/// A source whose polls are written down, one every 15 s from second 15 on.
private struct ScriptedSource: PollSource, Collector {
    let outcomes: [PollOutcome]
    let target = TargetID(kind: "test", name: "script")
    let schedule = PollSchedule(interval: .seconds(15), timeout: .seconds(10))
    private var place = 0

    init(_ outcomes: [PollOutcome]) { self.outcomes = outcomes }

    func run(_ context: CollectorContext) async {}

    mutating func poll(_ slot: PollSlot) async -> PollOutcome {
        defer { place += 1 }
        return outcomes[place]
    }
}

@Suite struct CounterBirthLoopTests {
    private func counters(_ values: [String: Double]) -> PollOutcome {
        var family = MetricFamily(name: "calls_total", kind: .counter, help: "")
        for (label, value) in values.sorted(by: { $0.key < $1.key }) {
            family.add(value, ["cmd": label])
        }
        return .batch([family])
    }

    /// The times of the zeros that the polls left, by their counter.
    private func zeros(
        _ outcomes: [PollOutcome],
        countersBeginAtZero: Bool = true
    ) async throws -> [String: [Int64]] {
        let store = try await SeriesStore.open(.memory, telemetry: Registry())
        let now = Lock(Timestamp(milliseconds: 15_000))
        let end = Timestamp(milliseconds: 15_000 * Int64(outcomes.count))
        let clock = PollClock(
            now: { now.withLock { $0 } },
            sleep: { duration in
                let time = now.withLock { $0 + duration }
                guard time <= end else { throw CancellationError() }
                now.withLock { $0 = time }
            }
        )
        let context = CollectorContext(
            store: store,
            telemetry: Registry(),
            board: PollBoard(),
            clock: clock
        )
        let source = ScriptedSource(outcomes)
        await CollectLoop(source, in: context, countersBeginAtZero: countersBeginAtZero).run(source)
        let name = Matcher("__name__", equals: "calls_total")
        var result: [String: [Int64]] = [:]
        for series in try store.select([name], from: Timestamp(milliseconds: 0), through: end) {
            let zeros = zip(series.times, series.values).filter { $0.1 == 0 }.map { $0.0 / 1_000 }
            if !zeros.isEmpty { result[series.labels["cmd"]] = zeros }
        }
        return result
    }

    @Test func `counters born after the first poll count from the poll before`() async throws {
        let polls = [counters(["a": 1]), counters(["a": 1, "b": 2]), counters(["c": 5, "b": 2])]
        #expect(try await zeros(polls) == ["b": [15], "c": [30]])
    }

    @Test func `it is off where it is not wanted`() async throws {
        let polls = [counters(["a": 1]), counters(["a": 1, "b": 2])]
        #expect(try await zeros(polls, countersBeginAtZero: false).isEmpty)
    }

    @Test func `after a failed poll nothing is known of the time before`() async throws {
        let failed = PollOutcome.failure(.refused, "nobody listens")
        let polls = [counters(["a": 1]), failed, counters(["a": 1, "b": 2]), counters(["c": 1])]
        #expect(try await zeros(polls) == ["c": [45]])
    }

    @Test func `a poll that was not whole does not tell what was not there`() async throws {
        var half = counters(["a": 1])
        half.parts = [PartOutcome("commands", failure: PollFailure(.timeout, "late"))]
        var whole = counters(["a": 1, "b": 2])
        whole.parts = [PartOutcome("commands")]
        #expect(try await zeros([half, whole]).isEmpty)
        var other = counters(["a": 1])
        other.parts = [PartOutcome("else")]
        #expect(try await zeros([other, whole]).isEmpty)
        var cut = counters(["a": 1])
        cut.droppedSamples = 1
        #expect(try await zeros([cut, counters(["a": 1, "b": 2])]).isEmpty)
        var choice = counters(["a": 1, "b": 2])
        choice.choices = ["calls_total"]
        #expect(try await zeros([counters(["a": 1]), choice]).isEmpty)
    }
}
