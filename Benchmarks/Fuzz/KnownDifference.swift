// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Where Prometheus 2.42 answers otherwise than Prometheus 3, which is right for us.
///
/// Asked about the smallest expression that differs, with what both engines say about its parts. What
/// can be avoided is avoided by the data (`FuzzData`) and the generator (`FuzzGenerator`).
enum KnownDifference: String, CaseIterable {
    /// Sums are compensated since 2.54: a part differs in its last digits already, and what stands on it
    /// (a comparison, a rounding, a difference near zero) makes that large.
    case rounding = "last digits of a part"
    /// Which of equal values topk and bottomk take is not said by the language.
    case tie = "tie of topk or bottomk"
    /// Deviations of infinite values, or of one NaN alone, are NaN since 3.0.
    case infiniteDeviation = "stddev of values that are not finite"
    /// atan2 drops the metric's name since 2.43, as all arithmetic does.
    case namedArcTangent = "atan2 keeps the name"

    /// The difference that explains an expression's two answers; nil where none does.
    static func explaining(
        _ expression: FuzzExpression,
        ours: FuzzAnswer,
        theirs: FuzzAnswer,
        parts: [(ours: FuzzAnswer, theirs: FuzzAnswer)]
    ) -> KnownDifference? {
        if parts.contains(where: { $0.ours != $0.theirs }) { return .rounding }
        switch expression {
        case .aggregation("topk", _, _, _), .aggregation("bottomk", _, _, _):
            return ours.values.map(\.bitPattern) == theirs.values.map(\.bitPattern) ? .tie : nil
        case .aggregation("stddev", _, _, _), .aggregation("stdvar", _, _, _),
            .call("stddev_over_time", _, _), .call("stdvar_over_time", _, _):
            let isFinite = parts.allSatisfy { $0.ours.values.allSatisfy(\.isFinite) }
            return isFinite ? nil : .infiniteDeviation
        case .binary("atan2", _, _, _): return .namedArcTangent
        default: return nil
        }
    }
}
