// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLEngine
import PromQLSyntax
import Samples
import Storage
import Telemetry
import Testing

/// What a query may cost, and what it says that it cost.
@Suite struct LimitTests {
    /// Ten series with a sample every ten seconds for ten minutes.
    private func engine(_ options: EngineOptions = .standard) async throws -> QueryEngine {
        let store = try await SeriesStore.open(.memory, telemetry: Registry())
        var samples: [SeriesSample] = []
        for index in 0..<10 {
            for slot in 0...60 {
                samples.append(
                    SeriesSample(
                        labels: ["__name__": "m", "i": "\(index)"],
                        value: Double(slot),
                        time: Timestamp(seconds: Double(slot * 10))
                    )
                )
            }
        }
        store.append(samples, at: Timestamp(seconds: 600))
        return QueryEngine(store: store, options: options)
    }

    private func fail(
        _ text: String,
        _ engine: QueryEngine,
        _ options: QueryOptions = .standard
    ) async throws -> QueryError? {
        let expression = try parseExpression(text)
        do throws(QueryError) {
            _ = try await engine.range(
                expression,
                from: Timestamp(seconds: 300),
                through: Timestamp(seconds: 600),
                step: .seconds(30),
                options: options
            )
            return nil
        } catch { return error }
    }

    private func statistics(
        _ text: String,
        isRange: Bool = false
    ) async throws -> QueryStatistics {
        let engine = try await engine()
        let expression = try parseExpression(text)
        let options = QueryOptions(countsSteps: true)
        guard isRange else {
            let time = Timestamp(seconds: 600)
            return try await engine.instant(expression, at: time, options: options).statistics
        }
        return try await engine.range(
            expression,
            from: Timestamp(seconds: 300),
            through: Timestamp(seconds: 600),
            step: .seconds(30),
            options: options
        )
        .statistics
    }

    // Eleven steps of ten series are 110 samples; a window holds six at a time.
    @Test(arguments: [
        ("m", 109, true), ("m", 110, false), ("sum(m)", 109, true), ("rate(m[1m])", 115, false),
        ("rate(m[1m])", 104, true), ("m + m", 220, true), ("sum_over_time(m[5m:1s])", 1000, true),
        (#"count_over_time(m{i="1"}[5m])"#, 40, false), (#"m{i="1"} @ 600"#, 10, true),
    ])
    func `a query that holds too many samples fails`(
        _ text: String,
        _ limit: Int,
        _ fails: Bool
    ) async throws {
        let engine = try await engine(EngineOptions(maxSamples: limit))
        let error = try await fail(text, engine)
        #expect(error?.kind == (fails ? .tooManySamples : nil))
        let words =
            "query processing would load too many samples into memory in query execution"
        #expect(error == nil || error?.message == words)
    }

    @Test func `a query that takes too long fails`() async throws {
        let engine = try await engine()
        let error = try await fail("m", engine, QueryOptions(timeout: .zero))
        #expect(error?.kind == .timeout)
        let slow = QueryOptions(timeout: .milliseconds(50))
        let kernel = try await fail("sum_over_time(m[5m:1ms])", engine, slow)
        #expect(kernel?.message == "query timed out in expression evaluation")
    }

    @Test func `a query that nobody waits for stops`() async throws {
        let engine = try await engine()
        let expression = try parseExpression("quantile_over_time(0.5, m[10m:1ms])")
        let error = await withTaskGroup(of: QueryError?.self) { group in
            group.addTask {
                do throws(QueryError) {
                    _ = try await engine.instant(expression, at: Timestamp(seconds: 600))
                    return nil
                } catch { return error }
            }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(error?.kind == .cancelled)
    }

    @Test func `the lookback may be set for one query`() async throws {
        let engine = try await engine()
        let expression = try parseExpression("count(m)")
        let late = Timestamp(seconds: 700)
        for (lookback, isThere) in [
            (nil, true), (Duration.seconds(99), false), (.seconds(101), true),
        ] {
            let options = QueryOptions(lookback: lookback)
            let result = try await engine.instant(expression, at: late, options: options)
            guard case .vector(let samples) = result.value else { return }
            #expect(samples.isEmpty != isThere)
        }
    }

    @Test(arguments: [
        ("m", 10, 10), ("sum(m)", 10, 10), ("rate(m[1m])", 60, 15), ("m @ 300", 10, 10),
        ("sum_over_time(m[5m:1m])", 50, 55), ("1 + 1", 0, 3),
    ])
    func `an instant query tells what it looked at`(
        _ text: String,
        _ total: Int,
        _ peak: Int
    ) async throws {
        let found = try await statistics(text)
        #expect(found.totalQueryableSamples == total)
        #expect(abs(found.peakSamples - peak) <= 10)
        #expect(found.samplesPerStep?.map(\.count) == [total])
    }

    @Test(arguments: [
        ("m", [Int](repeating: 10, count: 11)), ("rate(m[1m])", [Int](repeating: 60, count: 11)),
        ("m @ 300", [Int](repeating: 10, count: 11)),
        ("sum(m) + sum(m)", .init(repeating: 20, count: 11)),
        ("max_over_time(m[2m:1m])", [Int](repeating: 20, count: 11)),
    ])
    func `a range query tells what it looked at for each step`(
        _ text: String,
        _ counts: [Int]
    ) async throws {
        let found = try await statistics(text, isRange: true)
        #expect(found.samplesPerStep?.map(\.count) == counts)
        #expect(found.samplesPerStep?.first?.time == Timestamp(seconds: 300))
        #expect(found.totalQueryableSamples == counts.reduce(0, +))
    }
}
