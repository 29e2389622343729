// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLEngine
import PromQLSyntax
import Samples
import Storage
import Telemetry
import Testing

/// A range query evaluates whole series; each of its steps must still be what an instant query gives.
///
/// The parts of the language that no older Prometheus can be asked about are in the questions.
@Suite struct StepAgreementTests {
    private static let steps = (start: 317.0, interval: 31.0, count: 12)

    /// Counters with resets, gauges with gaps and odd numbers, series that end and begin.
    private func engine() async throws -> QueryEngine {
        let store = try await SeriesStore.open(.memory, telemetry: Registry())
        var random = QuestionRandom(seed: 11)
        var samples: [SeriesSample] = []
        for slot in 0..<60 {
            let time = Timestamp(milliseconds: Int64(slot) * 15_000 + 137)
            func add(_ labels: LabelSet, _ value: Double) {
                samples.append(SeriesSample(labels: labels, value: value, time: time))
            }
            for job in ["a", "b", "c"] {
                let size = Double(random.below(40))
                for i in ["0", "1"] where random.below(10) > 0 {
                    let restarts = slot % (job == "a" ? 17 : 23)
                    add(
                        ["__name__": "c_total", "job": job, "i": i],
                        Double(restarts) * 3 + size / 40
                    )
                    let odd = [Double.nan, .infinity, -2.5, 0][random.below(4)]
                    let value = random.below(8) == 0 ? odd : Double(random.below(7))
                    add(["__name__": "g", "job": job, "i": i], value)
                }
                if random.below(5) > 0, job != "b" || slot < 30 {
                    add(["__name__": "lim", "job": job, "owner": "o" + job], size)
                }
                let version = slot < 30 ? "1" : "2"
                let info: LabelSet = [
                    "__name__": "target_info", "job": job, "instance": "n", "ver": version,
                ]
                add(info, slot == 30 ? .stalenessMarker : 1)
                add(["__name__": "m", "job": job, "instance": "n"], Double(slot % 7))
                for (place, bound) in ["1", "5", "+Inf"].enumerated() {
                    add(
                        ["__name__": "s_bucket", "job": job, "le": bound],
                        Double(slot * (place + 1))
                    )
                }
            }
        }
        store.append(samples, at: Timestamp(seconds: 900))
        return QueryEngine(store: store, options: .standard)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `each step of a range is what an instant query gives`(_ seed: UInt64) async throws {
        let engine = try await engine()
        var random = QuestionRandom(seed: seed)
        var answered = 0
        for _ in 0..<400 {
            let text = random.vector(depth: 1 + random.below(3))
            let expression = try parseExpression(text)
            let whole = try await range(expression, engine)
            let parts = try await instants(expression, engine)
            if whole.error != nil {
                #expect(parts.error != nil, "\(text): only the range fails: \(whole.error ?? "")")
            } else {
                #expect(parts.error == nil, "\(text): only an instant fails: \(parts.error ?? "")")
                #expect(whole.values == parts.values, "\(text)")
                answered += whole.values.isEmpty ? 0 : 1
            }
        }
        #expect(answered > 150)
    }

    private struct Answer {
        /// The values as texts, by series and time: NaN is equal to itself as one.
        var values: [String: String] = [:]
        var error: String?

        mutating func add(_ labels: LabelSet, _ time: Int64, _ value: Double) {
            // Windows that slide add up in another order.
            let digits = value.isFinite && value != 0 ? (value * 1e9).rounded() / 1e9 : value
            values["\(labels) @ \(time)"] = "\(digits + 0)"
        }
    }

    private func range(_ expression: Expression, _ engine: QueryEngine) async throws -> Answer {
        let (start, interval, count) = Self.steps
        var answer = Answer()
        do throws(QueryError) {
            let result = try await engine.range(
                expression,
                from: Timestamp(seconds: start),
                through: Timestamp(seconds: start + interval * Double(count - 1)),
                step: .seconds(interval)
            )
            guard case .matrix(let series) = result.value else { return answer }
            for one in series {
                for (time, value) in zip(one.times, one.values) {
                    answer.add(one.labels, time, value)
                }
            }
        } catch { answer.error = error.message }
        return answer
    }

    private func instants(_ expression: Expression, _ engine: QueryEngine) async throws -> Answer {
        let (start, interval, count) = Self.steps
        var answer = Answer()
        for step in 0..<count {
            let moment = Timestamp(seconds: start + interval * Double(step))
            do throws(QueryError) {
                let result = try await engine.instant(expression, at: moment)
                guard case .vector(let samples) = result.value else { continue }
                for one in samples {
                    answer.add(one.labels, one.sample.time.milliseconds, one.sample.value)
                }
            } catch { answer.error = error.message }
        }
        return answer
    }
}
