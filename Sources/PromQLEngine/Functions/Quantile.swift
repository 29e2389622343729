// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The quantile of values by linear interpolation between the two nearest ranks.
///
/// NaN counts as the smallest value. Without values, or with NaN for `q`, it is NaN; a `q` outside
/// 0...1 gives infinity. Source: Prometheus, promql/quantile.go: `quantile`.
func quantile(_ q: Double, of values: some Sequence<Double>) -> Double {
    if q.isNaN { return .nan }
    let sorted = values.sorted { $0 < $1 || ($0.isNaN && !$1.isNaN) }
    if sorted.isEmpty { return .nan }
    if q < 0 { return -.infinity }
    if q > 1 { return .infinity }
    let rank = q * Double(sorted.count - 1)
    let lower = Int(rank.rounded(.down))
    let upper = min(sorted.count - 1, lower + 1)
    let weight = rank - rank.rounded(.down)
    return sorted[lower] * (1 - weight) + sorted[upper] * weight
}
