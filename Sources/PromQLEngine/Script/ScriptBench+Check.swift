// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples
internal import Storage

extension ScriptBench {
    /// Runs an evaluation; says what is wrong with what came, or nothing.
    func check(_ evaluation: ScriptEvaluation) -> String? {
        let expression: Expression
        do throws(ParseError) {
            expression = try parseExpression(evaluation.text)
        } catch {
            return evaluation.failureFault([error.message, error.description])
        }
        switch evaluation.moment {
        case .range(let from, let through, let step):
            do throws(QueryError) {
                let result = try range(expression, evaluation.text, from, through, step)
                let steps = Steps(
                    start: from,
                    interval: step,
                    count: Int((through - from) / step) + 1
                )
                return evaluation.fault(in: result, at: steps)
            } catch { return evaluation.failureFault([error.message]) }
        case .instant(let time):
            for (query, moment) in variants(expression, time) {
                if let fault = check(query, moment, evaluation) {
                    return moment == time && query == expression
                        ? fault : "as '\(query)' at \(moment) ms: \(fault)"
                }
            }
            return nil
        }
    }

    /// The query itself, and with its selectors fixed in time where that must not matter.
    private func variants(_ expression: Expression, _ time: Int64) -> [(Expression, Int64)] {
        var result = [(expression, time)]
        if expression.calls(where: \.dependsOnTime) || expression.looksAtBounds { return result }
        let fixed = expression.fixed(at: Timestamp(milliseconds: time))
        let moments = time == 0 ? [-1_000, 0, 1_000] : [-10 * time, 0, time / 5, time, 10 * time]
        result += moments.map { (fixed, $0) }
        return result
    }

    private func check(
        _ expression: Expression,
        _ time: Int64,
        _ evaluation: ScriptEvaluation
    ) -> String? {
        let moment = Timestamp(milliseconds: time)
        let result: QueryResult
        do throws(QueryError) {
            result = try engine.session()
                .instant(expression, at: moment, text: evaluation.text)
        } catch {
            return evaluation.failureFault([error.message])
        }
        if let fault = evaluation.fault(in: result, at: .instant(time)) { return fault }
        switch result.value {
        case .string, .matrix: return nil
        case .scalar, .vector: break
        }
        let usesRange = expression.calls { [.start, .end, .step, .range].contains($0) }
        if evaluation.isOrdered || usesRange || expression.hasQueryDurations
            || expression.looksAtBounds
        {
            return nil
        }
        return rangeFault(expression, time, evaluation, result.value).map { "as a range: \($0)" }
    }

    /// Compares the middle step of a range query around the moment.
    private func rangeFault(
        _ expression: Expression,
        _ time: Int64,
        _ evaluation: ScriptEvaluation,
        _ value: QueryValue
    ) -> String? {
        let ranged: QueryResult
        do throws(QueryError) {
            let text = evaluation.text
            ranged = try range(expression, text, time - 60_000, time + 60_000, 60_000)
        } catch { return error.message }
        guard case .matrix(let matrix) = ranged.value else { return "no matrix came" }
        if let fault = sortFault(matrix) { return fault }
        let samples = matrix.compactMap { series in
            series.times.firstIndex(of: time).map { place in
                VectorSample(
                    labels: series.labels,
                    sample: Sample(
                        time: Timestamp(milliseconds: time),
                        value: series.values[place]
                    )
                )
            }
        }
        var middle = QueryResult(value: .vector(samples), warnings: [], infos: [])
        if case .scalar = value, let sample = samples.first?.sample {
            middle.value = .scalar(sample)
        }
        return evaluation.valueFault(in: middle, at: .instant(time))
    }

    private func range(
        _ expression: Expression,
        _ text: String,
        _ from: Int64,
        _ through: Int64,
        _ step: Int64
    ) throws(QueryError) -> QueryResult {
        try engine.session()
            .range(
                expression,
                from: Timestamp(milliseconds: from),
                through: Timestamp(milliseconds: through),
                step: .milliseconds(step),
                text: text
            )
    }
}

extension Expression {
    fileprivate func calls(where isWanted: (Function) -> Bool) -> Bool {
        var isFound = false
        forEach { if case .call(let call) = $0, isWanted(call.function) { isFound = true } }
        return isFound
    }

    /// Whether a selector looks at the query's start or end.
    fileprivate var looksAtBounds: Bool {
        var isFound = false
        forEach { node in
            let at: AtModifier? =
                switch node {
                case .vectorSelector(let selector): selector.at
                case .subquery(let subquery): subquery.at
                default: nil
                }
            if at == .start || at == .end { isFound = true }
        }
        return isFound
    }

    /// Whether a duration is calculated from the query's step or range.
    fileprivate var hasQueryDurations: Bool {
        var isFound = false
        func look(at value: DurationValue?) {
            if let expression = value?.expression, !expression.isConstant { isFound = true }
        }
        forEach { node in
            switch node {
            case .vectorSelector(let selector): look(at: selector.offset)
            case .matrixSelector(let matrix): look(at: matrix.window)
            case .subquery(let subquery):
                look(at: subquery.window)
                look(at: subquery.step)
                look(at: subquery.offset)
            default: break
            }
        }
        return isFound
    }

    /// A copy whose outermost selectors and subqueries all look at `time`.
    fileprivate func fixed(at time: Timestamp) -> Expression {
        switch self {
        case .number, .string: return self
        case .vectorSelector(var node):
            node.at = node.at ?? .timestamp(time)
            return .vectorSelector(node)
        case .matrixSelector(var node):
            node.selector.at = node.selector.at ?? .timestamp(time)
            return .matrixSelector(node)
        case .subquery(var node):
            node.at = node.at ?? .timestamp(time)
            return .subquery(node)
        case .call(var node):
            node.arguments = node.arguments.map { $0.fixed(at: time) }
            return .call(node)
        case .aggregate(var node):
            node.expression = node.expression.fixed(at: time)
            node.parameter = node.parameter?.fixed(at: time)
            return .aggregate(node)
        case .binary(var node):
            node.left = node.left.fixed(at: time)
            node.right = node.right.fixed(at: time)
            return .binary(node)
        case .unary(var node):
            node.operand = node.operand.fixed(at: time)
            return .unary(node)
        case .parentheses(var node):
            node.content = node.content.fixed(at: time)
            return .parentheses(node)
        }
    }
}
