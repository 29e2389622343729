// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
public import PromQLSyntax
public import Samples
internal import Storage
internal import Telemetry

/// Answers that take less time than handing a query over to another thread does.
extension QueryEngine {
    /// Series that all selectors of a query may find together.
    private static let maxSeries = 128
    /// Milliseconds that a range may be long.
    fileprivate static let maxRange: Int64 = 900_000
    /// Parts that an expression may have.
    private static let maxParts = 24

    /// Evaluates at one moment where that takes a fraction of a millisecond and waits for nothing; nil
    /// where it might not, or where it fails, which the long way tells about.
    public func instantAtOnce(
        _ expression: Expression,
        at time: Timestamp,
        text: String? = nil,
        options: QueryOptions = .standard
    ) -> QueryResult? {
        guard expression.partCount <= Self.maxParts, gate.enterAtOnce() else { return nil }
        defer { gate.leave() }
        let session = session()
        let steps = Steps.instant(time.withinReach.milliseconds)
        let query = QueryContext(steps: steps, end: steps.end, text: text, options: options)
        let probe = Evaluation(session: session, engine: self, query: query)
        var left = Self.maxSeries
        guard let resolved = try? probe.resolved(expression), probe.readAtHand(resolved, &left)
        else { return nil }
        let evaluation = Evaluation(session: session, engine: self, query: query)
        guard let result = try? evaluation.instantResult(expression) else { return nil }
        // What fails is counted where the long way asks it again.
        queries.add()
        return result
    }
}

extension Evaluation {
    /// Gives the session what all selectors of an expression find; false where that is not at hand.
    fileprivate func readAtHand(_ expression: Expression, _ left: inout Int) -> Bool {
        switch expression {
        case .number, .string: return true
        case .vectorSelector(let node): return readAtHand(node, &left)
        case .matrixSelector(let node): return readAtHand(node, &left)
        // They evaluate at other moments, or find series by others' labels.
        case .subquery: return false
        case .call(let node) where node.function == .info: return false
        default: return expression.children.allSatisfy { readAtHand($0, &left) }
        }
    }

    private func readAtHand(_ node: VectorSelector, _ left: inout Int) -> Bool {
        guard !node.isSmoothed, !node.isAnchored else { return false }
        let reach = reach(node, steps, options.lookback)
        // The session keeps one moment of a selector, and what it has not would be waited for.
        if let kept = session.moments.withLock({ $0[node.matchers] }) {
            return kept.from == reach.from + 1 && kept.through == reach.through
        }
        let found = engine.store.newestAtHand(
            node.matchers,
            from: Timestamp(milliseconds: reach.from + 1),
            through: Timestamp(milliseconds: reach.through),
            atMost: left
        )
        guard let found else { return false }
        left -= found.count
        let moment = Moment(from: reach.from + 1, through: reach.through, samples: found)
        session.moments.withLock { $0[node.matchers] = moment }
        return true
    }

    private func readAtHand(_ node: MatrixSelector, _ left: inout Int) -> Bool {
        let reach = reach(node.selector, steps, node.window.duration)
        guard !node.selector.isSmoothed, !node.selector.isAnchored,
            reach.length <= QueryEngine.maxRange
        else { return false }
        if let kept = session.selections.withLock({ $0[node.selector.matchers] }) {
            return kept.covers(reach)
        }
        let found = engine.store.samplesAtHand(
            node.selector.matchers,
            from: Timestamp(milliseconds: reach.from + 1),
            through: Timestamp(milliseconds: reach.through),
            atMost: left
        )
        guard let found else { return false }
        left -= found.count
        let selection = Selection(from: reach.from + 1, through: reach.through, series: found)
        session.selections.withLock { $0[node.selector.matchers] = selection }
        return true
    }
}

extension Expression {
    /// How many expressions it is made of, itself included.
    fileprivate var partCount: Int { children.reduce(1) { $0 + $1.partCount } }
}
