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
    /// Those that came out otherwise, in the script's order.
    public internal(set) var failures: [Failure] = []
    /// Evaluations that came out otherwise, where native histograms that are not evaluated may be the
    /// reason: they were expected, or left out of the series that the expression selects.
    public internal(set) var skipped: [Failure] = []
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
            maxPoints: 1_000_000,
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
                case .load(let interval, let series, let withHistograms):
                    if withHistograms { bench.noteHistograms(of: series) }
                    report.refusedHistograms += try bench.load(series, interval, at: line)
                case .evaluate(let evaluation): report.add(evaluation, bench)
                }
            } catch {
                report.failures.append(.init(line: error.line, message: error.message))
            }
        }
    }
}

extension ScriptReport {
    fileprivate mutating func add(_ evaluation: ScriptEvaluation, _ bench: ScriptBench) {
        guard let message = bench.check(evaluation) else {
            passed += 1
            return
        }
        let failure = Failure(line: evaluation.line, message: message)
        if bench.lacksHistograms(for: evaluation) {
            skipped.append(failure)
        } else {
            failures.append(failure)
        }
    }
}

/// A store with an engine for the commands between two `clear`.
struct ScriptBench {
    private let store: SeriesStore
    let engine: QueryEngine
    /// The series whose native histograms were left out.
    private var incomplete: Set<LabelSet> = []

    init?(_ options: EngineOptions) async {
        guard let store = try? await SeriesStore.open(.memory, telemetry: Registry()) else {
            return nil
        }
        self.store = store
        engine = QueryEngine(store: store, options: options)
    }

    /// Adds series; says how many samples were native histograms.
    mutating func load(
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
                case .histogram:
                    refused += 1
                    incomplete.insert(one.labels)
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

/// What native histograms have to do with an evaluation.
extension ScriptBench {
    /// Notes the native histograms that Prometheus would make of classic ones.
    mutating func noteHistograms(of series: [LoadedSeries]) {
        for labels in series.map(\.labels) {
            let name = labels.metricName
            for suffix in ["_bucket", "_count", "_sum"] where name.hasSuffix(suffix) {
                let base = labels.removing([Symbol("le")])
                incomplete.insert(
                    base.setting(.metricName, to: Symbol(String(name.dropLast(suffix.count))))
                )
            }
        }
    }

    /// Whether an evaluation wants native histograms, or looks at series that lack theirs.
    fileprivate func lacksHistograms(for evaluation: ScriptEvaluation) -> Bool {
        if evaluation.expectsHistograms { return true }
        guard !incomplete.isEmpty, let expression = try? parseExpression(evaluation.text) else {
            return false
        }
        return expression.selectors.contains { selector in
            incomplete.contains { labels in
                selector.matchers.allSatisfy { $0.matches(labels) }
            }
        }
    }
}
