// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The quantile of values by linear interpolation between the two nearest ranks.
///
/// NaN counts as the smallest value. Without values, or with NaN for `q`, it is NaN; a `q` outside
/// 0...1 gives infinity. Source: Prometheus, promql/quantile.go: `quantile`.
func quantile(_ q: Double, of values: some Sequence<Double>) -> Double {
    var sorted = ContiguousArray(values)
    return quantile(q, sorting: &sorted)
}

/// The quantile of values that are put in order for it.
func quantile(_ q: Double, sorting values: inout ContiguousArray<Double>) -> Double {
    if q.isNaN || values.isEmpty { return .nan }
    if q < 0 { return -.infinity }
    if q > 1 { return .infinity }
    values.sort { $0 < $1 || ($0.isNaN && !$1.isNaN) }
    let rank = q * Double(values.count - 1)
    let lower = Int(rank.rounded(.down))
    let upper = min(values.count - 1, lower + 1)
    let weight = rank - rank.rounded(.down)
    return values[lower] * (1 - weight) + values[upper] * weight
}
