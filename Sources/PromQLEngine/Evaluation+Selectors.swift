// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
internal import PromQLSyntax
internal import Samples
internal import Storage

/// A series with what a range selector or a subquery sees of it.
struct RangeSeries {
    var labels: LabelSet
    var dropsName = false
    var window: Window
    var reach: Reach

    /// The left edge at a step.
    func from(_ step: Int) -> Int64 { reach.moment(step) - reach.length }

    /// The right edge at a step.
    func through(_ step: Int) -> Int64 { reach.moment(step) }
}

/// Where a selector looks at each step.
struct Reach {
    var steps: Steps
    var offset: Int64
    var fixed: Int64?
    /// How long the range is, in milliseconds; of an instant selector, the lookback.
    var length: Int64

    /// The moment looked at, in milliseconds.
    func moment(_ step: Int) -> Int64 { (fixed ?? steps.time(step)) - offset }

    /// The earliest left edge.
    var from: Int64 { moment(0) - length }

    /// The latest moment.
    var through: Int64 { moment(steps.count - 1) }
}

extension Evaluation {
    private func moment(_ at: AtModifier?) -> Int64? {
        switch at {
        case nil: nil
        case .timestamp(let time): time.withinReach.milliseconds
        case .start: steps.start
        case .end: end
        }
    }

    /// Where a selector looks.
    func reach(_ node: VectorSelector, _ steps: Steps, _ length: Duration) -> Reach {
        Reach(
            steps: steps,
            offset: node.offset.duration.milliseconds,
            fixed: moment(node.at),
            length: length.milliseconds
        )
    }

    /// Reads the series of a selector, or takes them from the session.
    func read(
        _ matchers: [Matcher],
        _ reach: Reach
    ) throws(QueryError) -> [SeriesSamples] {
        let (from, through) = (reach.from + 1, reach.through)
        let kept = session.selections.withLock { $0[matchers] }
        if let kept, kept.covers(reach) { return kept.series }
        let first = min(from, kept?.from ?? from)
        let last = max(through, kept?.through ?? through)
        let series = try asking(first, last) { store, from, through throws(StorageError) in
            try store.select(matchers, from: from, through: through)
        }
        try limitRead(series.reduce(0) { $0 + $1.count })
        let selection = Selection(from: first, through: last, series: series)
        session.selections.withLock { $0[matchers] = selection }
        return series
    }

    /// What the store answers about a time; its error is one of the query.
    private func asking<Answer>(
        _ from: Int64,
        _ through: Int64,
        _ question: (SeriesStore, Timestamp, Timestamp) throws(StorageError) -> Answer
    ) throws(QueryError) -> Answer {
        do throws(StorageError) {
            let from = Timestamp(milliseconds: from)
            return try question(engine.store, from, Timestamp(milliseconds: through))
        } catch {
            throw QueryError(kind: .storage, message: error.message)
        }
    }

    /// The newest sample of each series within the lookback, at each step.
    func select(
        _ node: VectorSelector,
        _ steps: Steps,
        asTimes: Bool = false
    ) throws(QueryError) -> [StepSeries] {
        if node.isSmoothed && !asTimes { return try smoothed(node, steps) }
        let reach = reach(node, steps, options.lookback)
        if steps.count == 1, let found = try newest(node.matchers, reach) {
            return try step(found, asTimes)
        }
        var result: [StepSeries] = []
        for series in try read(node.matchers, reach) {
            var values = ContiguousArray<Double>.absent(steps.count)
            let found = sample(series, reach, asTimes, into: &values)
            count(values, found)
            guard found > 0 else { continue }
            try hold(found)
            result.append(StepSeries(labels: series.labels, values: values))
        }
        return result
    }

    /// The newest samples of a selector at its only step; nil where the session has all samples of
    /// the time, so that reading these again is not worth it.
    private func newest(
        _ matchers: [Matcher],
        _ reach: Reach
    ) throws(QueryError) -> NewestSamples? {
        if session.selections.withLock({ $0[matchers]?.covers(reach) }) == true { return nil }
        let (from, through) = (reach.from + 1, reach.through)
        let kept = session.moments.withLock { $0[matchers] }
        if let kept, kept.from == from, kept.through == through { return kept.samples }
        let samples = try asking(from, through) { store, from, through throws(StorageError) in
            try store.newest(matchers, from: from, through: through)
        }
        try limitRead(samples.count)
        let moment = Moment(from: from, through: through, samples: samples)
        session.moments.withLock { $0[matchers] = moment }
        return samples
    }

    /// The series of an only step.
    private func step(
        _ samples: NewestSamples,
        _ asTimes: Bool
    ) throws(QueryError) -> [StepSeries] {
        count(samples.count, at: 0)
        try hold(samples.count)
        var result: [StepSeries] = []
        result.reserveCapacity(samples.count)
        for index in samples.labels.indices {
            let value =
                asTimes ? Double(samples.times[index]) / 1_000 : samples.values[index]
            result.append(StepSeries(labels: samples.labels[index], values: [value]))
        }
        return result
    }

    /// Finds the newest sample at each step; returns at how many steps there is one.
    private func sample(
        _ series: SeriesSamples,
        _ reach: Reach,
        _ asTimes: Bool,
        into values: inout ContiguousArray<Double>
    ) -> Int {
        let (times, samples) = (series.times.span, series.values.span)
        var output = values.mutableSpan
        var (next, found) = (0, 0)
        for step in output.indices {
            let moment = reach.moment(step)
            while next < times.count && times[next] <= moment { next += 1 }
            guard next > 0, times[next - 1] > moment - reach.length else { continue }
            let value = samples[next - 1]
            if value.isStalenessMarker { continue }
            output[step] = asTimes ? Double(times[next - 1]) / 1_000 : value
            found += 1
        }
        return found
    }

    /// Hands over the series of a range vector one by one, with the edges of each step.
    func eachRange(
        of expression: Expression,
        _ steps: Steps,
        _ body: (RangeSeries) throws(QueryError) -> Void
    ) throws(QueryError) {
        switch expression.unparenthesized {
        case .matrixSelector(let node):
            let reach = reach(node.selector, steps, node.window.duration)
            let starts = engine.startTimes.withLock { $0 }
            for series in try read(node.selector.matchers, reach) {
                var window = Window(times: series.times, values: series.values)
                if !starts.isEmpty, let known = starts[series.labels] {
                    window.starts = ContiguousArray(window.times.map { known[$0] ?? .min })
                }
                try body(RangeSeries(labels: series.labels, window: window, reach: reach))
            }
        case .subquery(let node): try subquery(node, steps, body)
        default: throw QueryError(kind: .execution, message: "expected a range vector")
        }
    }

    private func subquery(
        _ node: Subquery,
        _ steps: Steps,
        _ body: (RangeSeries) throws(QueryError) -> Void
    ) throws(QueryError) {
        let reach = Reach(
            steps: steps,
            offset: node.offset.duration.milliseconds,
            fixed: moment(node.at),
            length: node.window.duration.milliseconds
        )
        let interval = (node.step?.duration ?? options.subqueryStep).milliseconds
        guard interval > 0 else {
            throw .execution("the step of a subquery must be a millisecond or more")
        }
        var first = reach.from / interval * interval
        while first <= reach.from { first += interval }
        guard first <= reach.through else { return }
        let count = Int((reach.through - first) / interval) + 1
        guard count <= options.maxSamples else {
            throw .tooManySamples
        }
        let inner = Steps(start: first, interval: interval, count: count)
        let times = ContiguousArray((0..<count).map { inner.time($0) })
        isInSubquery += 1
        let found: [StepSeries]
        do {
            defer { isInSubquery -= 1 }
            // A series that `or` takes now from the left and now from the right is one.
            found = try merged(try vector(node.expression, inner))
        }
        for series in found {
            let window = Window(times: times, values: series.values)
            try body(
                RangeSeries(
                    labels: series.labels,
                    dropsName: series.dropsName,
                    window: window,
                    reach: reach
                )
            )
        }
    }

    /// The error for a part of the language that this engine does not evaluate.
    func unsupported(_ what: String) -> QueryError {
        QueryError(kind: .execution, message: "not supported: \(what)")
    }
}
