// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// A series over all steps of an evaluation: an operand, or the result, of an operator.
///
/// A step without a sample holds the staleness marker, which no operator ever produces as a value.
struct StepSeries {
    /// The labels; still with the metric's name where `dropsName` says that it will go.
    var labels: LabelSet
    /// Whether the metric's name goes at the end of the query.
    var dropsName = false
    /// One value a step.
    var values: ContiguousArray<Double>

    /// Whether no step has a sample.
    var isEmpty: Bool { values.allSatisfy(\.isStalenessMarker) }
}

extension ContiguousArray<Double> {
    /// A series without a sample.
    static func absent(_ count: Int) -> ContiguousArray<Double> {
        ContiguousArray(repeating: .stalenessMarker, count: count)
    }
}

/// What an expression evaluates to.
enum StepValue {
    /// A number a step.
    case scalar(ContiguousArray<Double>)
    /// A text, the same at all steps.
    case string(String)
    /// Series; their order counts where there is one step only.
    case vector([StepSeries])
}
