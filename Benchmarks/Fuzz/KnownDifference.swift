// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Where Prometheus 2.42 answers otherwise than Prometheus 3, which is right for us.
///
/// Asked about the smallest question that differs, with what both engines say about its parts. What
/// can be avoided is avoided by the data (`FuzzData`) and the generator (`FuzzGenerator`).
enum KnownDifference: String, CaseIterable {
    /// Sums are compensated since 2.54: a part differs in its last digits already, and what stands on it
    /// (a comparison, a rounding, a difference near zero) makes that large.
    case rounding = "last digits of a part"
    /// Which of equal values, or of NaNs, topk and bottomk take is not said by the language; 2.42 may
    /// answer otherwise when it is asked again.
    case tie = "tie of topk or bottomk"
    /// Deviations of infinite values, or of one NaN alone, are NaN since 3.0.
    case infiniteDeviation = "stddev of values that are not finite"
    /// A range fixed by `@` beside an argument or a result that changes from step to step: 2.42 moves
    /// the range all the same; Prometheus' own at_modifier.test holds against that.
    case movedFixedRange = "range with @ in a function that is not constant"
    /// The compensation of sums makes NaN of infinite values in 2.42, but not since 2.54.
    case infiniteRegression = "regression over values that are not finite"
    /// Buckets that differ in their last digits count as equal in histogram_quantile since 2.49, and
    /// one that is NaN hides the greatest before it.
    case bucketNoise = "buckets equal but for their last digits, or NaN"
    /// A name that a function drops counts until the end, so that series which are never there at the
    /// same time may become one; 2.42 fails at once.
    case delayedNameRemoval = "series that become one at different times"
    /// 2.42 forgets the offset of a selector with both `@` and `offset` right below timestamp().
    case forgottenOffset = "timestamp of a selector with @ and offset"
    /// atan2 drops the metric's name since 2.43, as all arithmetic does.
    case namedArcTangent = "atan2 keeps the name"

    /// The difference that explains a question's two answers; nil where none does.
    static func explaining(
        _ request: FuzzRequest,
        ours: FuzzAnswer,
        theirs: FuzzAnswer,
        isUnsteady: Bool,
        parts: [(ours: FuzzAnswer, theirs: FuzzAnswer)]
    ) -> KnownDifference? {
        if parts.contains(where: { $0.ours != $0.theirs }) { return .rounding }
        let areFinite = parts.allSatisfy(\.ours.isFinite)
        if case .call(_, let arguments, _) = request.expression, case .range = request.time,
            arguments.contains(where: { $0.kind == .matrix && $0.text.contains("@") })
        {
            return .movedFixedRange
        }
        if case .failure(_, let text) = theirs, case .success = ours,
            text.contains("same labelset"),
            request.spansTime
        {
            return .delayedNameRemoval
        }
        switch request.expression {
        case .aggregation("topk", _, _, _), .aggregation("bottomk", _, _, _):
            return ours.values == theirs.values ? .tie : nil
        case .aggregation("stddev", _, _, _), .aggregation("stdvar", _, _, _),
            .call("stddev_over_time", _, _), .call("stdvar_over_time", _, _):
            return areFinite ? cancellation(ours, theirs, parts) : .infiniteDeviation
        case .aggregation("avg", _, _, _), .aggregation("sum", _, _, _),
            .call("avg_over_time", _, _), .call("sum_over_time", _, _):
            return cancellation(ours, theirs, parts, power: 1)
        case .call("histogram_quantile", _, _):
            let counts = parts[1].ours.values
            let areNoisy = zip(counts, counts.dropFirst()).contains { a, b in
                a != b && (a - b).magnitude <= 1e-9 * a.magnitude
            }
            return areNoisy || !areFinite ? .bucketNoise : nil
        case .call("predict_linear", _, _), .call("deriv", _, _):
            return areFinite ? nil : .infiniteRegression
        case _ where isUnsteady && request.expression.contains(where: \.isChoice): return .tie
        case .call("timestamp", let arguments, _):
            let selector = arguments[0].text
            let isFixed = selector.contains("@") && selector.contains("offset")
            return isFixed && arguments[0].children.isEmpty ? .forgottenOffset : nil
        case .binary("atan2", _, _, _): return .namedArcTangent
        default: return nil
        }
    }

    /// A mean or a deviation that is small beside the values it is of, such as one of times.
    private static func cancellation(
        _ ours: FuzzAnswer,
        _ theirs: FuzzAnswer,
        _ parts: [(ours: FuzzAnswer, theirs: FuzzAnswer)],
        power: Double = 0.5
    ) -> KnownDifference? {
        let sizes = parts.flatMap(\.ours.values).map(\.magnitude)
        let largest = sizes.filter { $0 < .greatestFiniteMagnitude }.max() ?? 0
        let isNear = zip(ours.values, theirs.values).allSatisfy { a, b in
            if a == b { return true }
            let difference = power == 1 ? a - b : a.squareRoot() - b.squareRoot()
            return difference.magnitude <= 1e-12 * largest
        }
        return isNear ? .rounding : nil
    }
}

extension FuzzExpression {
    /// Whether it chooses among series.
    fileprivate var isChoice: Bool {
        guard case .aggregation(let name, _, _, _) = self else { return false }
        return name == "topk" || name == "bottomk"
    }
}

extension FuzzRequest {
    /// Whether more than one moment is looked at.
    fileprivate var spansTime: Bool {
        if case .range = time { return true }
        return expression.contains { inner in
            if case .subquery = inner { return true }
            return false
        }
    }
}
