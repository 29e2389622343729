// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
internal import PromQLSyntax
internal import Samples
internal import Storage
internal import Telemetry

/// What came of a script's evaluations.
public struct ScriptReport: Sendable {
    /// An evaluation that did not come out as expected, or a command that could not be read.
    public struct Failure: Sendable {
        /// The line of the script, from 1.
        public let line: Int
        /// What was expected and what came.
        public let message: String
    }

    /// How many evaluations came out as expected.
    public internal(set) var passed = 0
    /// The others, in the script's order.
    public internal(set) var failures: [Failure] = []
    /// Samples of native histograms, which were not loaded.
    public internal(set) var refusedHistograms = 0
}

/// Runs scripts in the test language of Prometheus, each on a store of its own in memory.
///
/// An instant evaluation is run again with `@` on its selectors at five other moments, and as the
/// middle step of a range query. Metric names are dropped at the end of a query, as in the scripts
/// of Prometheus, and a query may hold 10,000 samples.
/// Source: Prometheus, promql/promqltest/test.go.
public struct ScriptRunner: Sendable {
    private let options: EngineOptions

    /// Makes a runner, by default one that drops metric names at the end as those scripts expect.
    public init(delaysNameRemoval: Bool = true) {
        options = EngineOptions(
            timeout: .seconds(100),
            maxSamples: 10_000,
            delaysNameRemoval: delaysNameRemoval
        )
    }

    /// Runs a script through to its end, whatever fails.
    public func run(_ text: String) async -> ScriptReport {
        var report = ScriptReport()
        var reader = ScriptReader(text)
        guard var bench = await ScriptBench(options) else { return report }
        while true {
            do throws(ScriptError) {
                guard let (line, command) = try reader.command() else { return report }
                switch command {
                case .clear:
                    if let fresh = await ScriptBench(options) { bench = fresh }
                case .load(let interval, let series):
                    report.refusedHistograms += try bench.load(series, interval, at: line)
                case .evaluate(let evaluation):
                    if let message = bench.check(evaluation) {
                        report.failures.append(.init(line: line, message: message))
                    } else {
                        report.passed += 1
                    }
                }
            } catch {
                report.failures.append(.init(line: error.line, message: error.message))
            }
        }
    }
}

/// A store with an engine for the commands between two `clear`.
struct ScriptBench {
    private let store: SeriesStore
    let engine: QueryEngine

    init?(_ options: EngineOptions) async {
        guard let store = try? await SeriesStore.open(.memory, telemetry: Registry()) else {
            return nil
        }
        self.store = store
        engine = QueryEngine(store: store, options: options)
    }

    /// Adds series; says how many samples were native histograms.
    func load(
        _ series: [LoadedSeries],
        _ interval: Int64,
        at line: Int
    ) throws(ScriptError) -> Int {
        var refused = 0
        var samples: [SeriesSample] = []
        var last: Int64 = 0
        for one in series {
            for (index, value) in one.values.enumerated() {
                let time = Int64(index) * interval
                last = max(last, time)
                switch value {
                case .omitted: break
                case .histogram: refused += 1
                case .number(let number):
                    let moment = Timestamp(milliseconds: time)
                    samples.append(SeriesSample(labels: one.labels, value: number, time: moment))
                    if index < one.startOffsets.count, let offset = one.startOffsets[index] {
                        engine.startTimes.withLock {
                            $0[one.labels, default: [:]][time] = time + offset
                        }
                    }
                }
            }
        }
        let outcome = store.append(samples, at: Timestamp(milliseconds: last))
        guard outcome.appended == samples.count else {
            let left = samples.count - outcome.appended
            throw ScriptError(line: line, message: "\(left) samples are out of order")
        }
        return refused
    }
}
