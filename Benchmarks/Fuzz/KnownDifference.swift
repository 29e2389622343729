// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Where Prometheus 2.42 answers otherwise than Prometheus 3, which is right for us.
///
/// None is believed by its looks: `DifferenceJudge` asks more questions, by which each must be proven for
/// the very points that differ. What can be avoided is avoided by the data (`FuzzData`) and the generator
/// (`FuzzGenerator`).
enum KnownDifference: String, CaseIterable, Sendable {
    /// A range fixed by `@` beside an argument or a result that changes from step to step: 2.42 moves
    /// the range all the same; Prometheus' own at_modifier.test holds against that.
    case movedFixedRange = "range with @ in a function that is not constant"
    /// A name that a function drops counts until the end, so that series which are never there at the
    /// same time may become one; 2.42 fails at once.
    case delayedNameRemoval = "series that become one at different times"
    /// Where more than one thing is wrong, 2.42 tells what it meets first, moment by moment.
    case otherError = "which of several errors is told"
    /// To take -Inf of them is to take none since 3.5; 2.42 fails.
    case lowChoice = "topk of less than any integer"
    /// A subquery whose range has no moment of its step, over what `@` fixes, gives the moment after it.
    case momentBeyond = "subquery without a moment, of what is fixed"
    /// 2.42 forgets the offset of a selector with both `@` and `offset` right below timestamp().
    case forgottenOffset = "timestamp of a selector with @ and offset"
    /// atan2 drops the metric's name since 2.43, as all arithmetic does.
    case namedArcTangent = "atan2 keeps the name"
    /// Which of equal values, or of NaNs, topk and bottomk take is not said by the language; 2.42 may
    /// answer otherwise when it is asked again.
    case tie = "tie of topk or bottomk"
    /// Deviations of infinite values, or of one NaN alone, are NaN since 3.0.
    case infiniteDeviation = "stddev of values that are not finite"
    /// The compensation of sums makes NaN of infinite values in 2.42, but not since 2.54.
    case infiniteRegression = "regression over values that are not finite"
    /// One bucket that is NaN hides the greatest before it in 2.42.
    case bucketNaN = "buckets that are NaN"
    /// Buckets that differ in their last digits count as equal in histogram_quantile since 2.49.
    case bucketNoise = "buckets equal but for their last digits"
    /// A sum or deviation that is small beside the values it is of: sums are compensated since 2.54.
    case cancellation = "last digits of a sum"
    /// A part differs in its last digits, and what stands on it (a comparison, a rounding, a difference
    /// near zero) makes that large.
    case rounding = "last digits of a part"
}
