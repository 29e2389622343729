// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples
internal import SourceText
internal import Storage

/// What a query asks, apart from its expression.
struct QueryContext {
    /// The steps of the query itself; a subquery evaluates at others.
    var steps: Steps
    /// The query's end, which may lie past the last step.
    var end: Int64
    /// The text that the expression was parsed from, for the places in annotations.
    var text: String?
    /// What it wants otherwise than the engine.
    var options: QueryOptions
}

/// One evaluation of one expression, operator by operator over all steps.
final class Evaluation {
    let session: QueryEngine.Session
    let engine: QueryEngine
    /// The steps of the query itself; a subquery evaluates at others.
    let steps: Steps
    /// The query's end, which may lie past the last step.
    let end: Int64
    /// The engine's options, with what the query wants otherwise.
    let options: EngineOptions
    private let text: String?
    let deadline: ContinuousClock.Instant
    private var warnings: [String] = []
    private var infos: [String] = []
    /// How many samples are held now, as Prometheus counts them.
    var held = 0
    /// How deep in subqueries the evaluation is.
    var isInSubquery = 0
    var statistics = QueryStatistics()

    init(session: QueryEngine.Session, engine: QueryEngine, query: QueryContext) {
        self.session = session
        self.engine = engine
        steps = query.steps
        end = query.end
        text = query.text
        options = query.options.applied(to: engine.options)
        deadline = .now + options.timeout
        if query.options.countsSteps {
            statistics.samplesPerStep = (0..<steps.count).map {
                .init(time: Timestamp(milliseconds: steps.time($0)), count: 0)
            }
        }
    }

    var delaysNames: Bool { options.delaysNameRemoval }
    var isInstant: Bool { steps.count == 1 && end == steps.start && steps.interval == 1 }

    /// Notes something that is probably wrong.
    func warn(_ message: String, at range: SourceRange) {
        note("PromQL warning: \(message) (\(place(range)))", in: &warnings)
    }

    /// Notes something worth knowing.
    func inform(_ message: String, at range: SourceRange) {
        note("PromQL info: \(message) (\(place(range)))", in: &infos)
    }

    private func note(_ message: String, in list: inout [String]) {
        if !list.contains(message) { list.append(message) }
    }

    /// A text as it was written, which shows bytes that are no UTF-8 as escapes.
    func written(_ literal: StringLiteral) -> String {
        guard let text, literal.value.unicodeScalars.contains("\u{FFFD}") else {
            return quoted(literal.value)
        }
        let bytes = text.utf8.dropFirst(literal.range.lowerBound).prefix(literal.range.count)
        return String(Substring(bytes))
    }

    private func place(_ range: SourceRange) -> String {
        guard let text else { return "1:\(range.lowerBound + 1)" }
        return placeOfByte(range.lowerBound, in: text)
    }

    /// The value with its annotations.
    func result(_ value: QueryValue) -> QueryResult {
        QueryResult(value: value, warnings: warnings, infos: infos, statistics: statistics)
    }

    /// Evaluates an expression at steps; range vectors only come as arguments of functions.
    func evaluate(_ expression: Expression, _ steps: Steps) throws(QueryError) -> StepValue {
        let before = held
        let value = try fixedValue(expression, steps)
        switch expression {
        case .vectorSelector, .parentheses: break
        default: try settle(expression, value, before, steps)
        }
        return value
    }

    /// Evaluates an expression by what it is.
    func evaluateNode(
        _ expression: Expression,
        _ steps: Steps
    ) throws(QueryError) -> StepValue {
        try checkTime()
        switch expression {
        case .number(let number):
            return .scalar(ContiguousArray(repeating: number.value, count: steps.count))
        case .string(let string): return .string(string.value)
        case .parentheses(let node): return try evaluate(node.content, steps)
        case .vectorSelector(let selector): return .vector(try select(selector, steps))
        case .unary(let node): return try negate(node, steps)
        case .binary(let node): return try binary(node, steps)
        case .aggregate(let node): return .vector(try aggregate(node, steps))
        case .call(let call): return try self.call(call, steps)
        case .matrixSelector, .subquery:
            throw QueryError(kind: .execution, message: "a range vector has no place here")
        }
    }

    /// Evaluates an argument that is an instant vector.
    func vector(_ expression: Expression, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        guard case .vector(let series) = try evaluate(expression, steps) else { return [] }
        return series
    }

    /// Evaluates an argument that is a scalar.
    func scalar(
        _ expression: Expression,
        _ steps: Steps
    ) throws(QueryError) -> ContiguousArray<Double> {
        guard case .scalar(let values) = try evaluate(expression, steps) else { return [] }
        return values
    }

    private func negate(_ node: Unary, _ steps: Steps) throws(QueryError) -> StepValue {
        let value = try evaluate(node.operand, steps)
        guard node.isNegative else { return value }
        switch value {
        case .scalar(let values): return .scalar(ContiguousArray(values.map { -$0 }))
        case .vector(let series): return .vector(try mapValues(series) { -$0 })
        case .string: return value
        }
    }

    /// Applies a function to each value, which drops the metric's name.
    func mapValues(
        _ series: consuming [StepSeries],
        _ function: (Double) -> Double
    ) throws(QueryError) -> [StepSeries] {
        for index in series.indices {
            var values = series[index].values.mutableSpan
            for step in values.indices where !values[step].isStalenessMarker {
                values[step] = function(values[step])
            }
        }
        return try droppingNames(series)
    }

    /// Drops the names now, or marks them to be dropped at the end.
    func droppingNames(_ series: consuming [StepSeries]) throws(QueryError) -> [StepSeries] {
        for index in series.indices {
            series[index].dropsName = delaysNames
            if !delaysNames { series[index].labels = series[index].labels.withoutMetadata }
        }
        if delaysNames { return series }
        return try merged(series)
    }

    /// Joins series of the same labels that have no step in common.
    func merged(_ series: consuming [StepSeries]) throws(QueryError) -> [StepSeries] {
        var places = LabelGroups(.all, capacity: series.count)
        for index in series.indices { _ = places.number(of: series[index].labels) }
        // Nearly always all differ, and nothing has to move.
        guard places.count < series.count else { return series }
        places = LabelGroups(.all, capacity: places.count)
        var result: [StepSeries] = []
        for one in series {
            let place = places.number(of: one.labels)
            guard place < result.count else {
                result.append(one)
                continue
            }
            for (step, value) in one.values.enumerated() where !value.isStalenessMarker {
                guard result[place].values[step].isStalenessMarker else {
                    throw QueryError(
                        kind: .execution,
                        message: "vector cannot contain metrics with the same labelset"
                    )
                }
                result[place].values[step] = value
            }
        }
        return result
    }

    /// Drops the names that were marked.
    func finished(_ series: consuming [StepSeries]) throws(QueryError) -> [StepSeries] {
        series.removeAll(where: \.isEmpty)
        for index in series.indices where series[index].dropsName {
            series[index].labels = series[index].labels.withoutMetadata
            series[index].dropsName = false
        }
        return try merged(series)
    }
}
