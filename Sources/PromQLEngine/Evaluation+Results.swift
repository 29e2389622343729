// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples
internal import Storage

extension Evaluation {
    /// Evaluates the whole expression at the query's one moment.
    func instantResult(_ expression: Expression) throws(QueryError) -> QueryResult {
        let expression = try resolved(expression)
        let time = Timestamp(milliseconds: steps.start)
        if expression.type == .rangeVector {
            var found: [SeriesSamples] = []
            try eachRange(of: expression, steps) { series throws(QueryError) in
                var window = series.window
                window.move(from: series.from(0), through: series.through(0))
                guard window.count > 0 else { return }
                let range = window.lower..<window.upper
                found.append(
                    SeriesSamples(
                        labels: series.dropsName ? series.labels.withoutMetadata : series.labels,
                        times: ContiguousArray(window.times[range]),
                        values: ContiguousArray(window.values[range])
                    )
                )
            }
            return result(.matrix(sorted(found)))
        }
        switch try evaluate(expression, steps) {
        case .scalar(let values): return result(.scalar(Sample(time: time, value: values[0])))
        case .string(let text): return result(.string(text, time))
        case .vector(let series):
            let samples = try finished(series).map {
                VectorSample(labels: $0.labels, sample: Sample(time: time, value: $0.values[0]))
            }
            return result(.vector(samples))
        }
    }

    /// Evaluates the whole expression at all steps.
    func rangeResult(_ expression: Expression) throws(QueryError) -> QueryResult {
        guard expression.type == .scalar || expression.type == .instantVector else {
            throw .execution(
                "invalid expression type \(quoted(expression.type.rawValue)) for range query,"
                    + " must be Scalar or instant Vector"
            )
        }
        let series: [StepSeries]
        switch try evaluate(try resolved(expression), steps) {
        case .scalar(let values): series = [StepSeries(labels: .empty, values: values)]
        case .vector(let vector): series = try finished(vector)
        case .string: series = []
        }
        // Most series have a value at every step: those share one array of times.
        let times = ContiguousArray((0..<steps.count).map { steps.time($0) })
        let found = series.map { one in
            guard one.values.contains(where: \.isStalenessMarker) else {
                return SeriesSamples(labels: one.labels, times: times, values: one.values)
            }
            let present = one.values.indices.filter { !one.values[$0].isStalenessMarker }
            return SeriesSamples(
                labels: one.labels,
                times: ContiguousArray(present.map { times[$0] }),
                values: ContiguousArray(present.map { one.values[$0] })
            )
        }
        return result(.matrix(sorted(found)))
    }

    private func sorted(_ series: [SeriesSamples]) -> [SeriesSamples] {
        let places = LabelSet.sortedPlaces(of: ContiguousArray(series.lazy.map(\.labels)))
        return places.map { series[$0] }
    }

    /// The expression with durations for what stood for them.
    func resolved(_ expression: Expression) throws(QueryError) -> Expression {
        let interval = isInstant ? 0 : steps.interval
        do {
            return try expression.resolvingDurations(
                step: .milliseconds(interval),
                range: .milliseconds(end - steps.start)
            )
        } catch {
            throw QueryError(kind: .execution, message: error.message)
        }
    }
}
