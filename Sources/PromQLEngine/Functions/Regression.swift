// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A straight line through samples.
struct Regression {
    /// The change per second.
    var slope: Double
    /// The value at the intercept time.
    var intercept: Double

    /// Fits a line by least squares; nil with fewer than two samples.
    ///
    /// Source: Prometheus, promql/functions.go: `linearRegression`.
    init?(_ window: borrowing Window, intercept time: Int64) {
        guard window.count > 1 else { return nil }
        var (sumX, sumY) = (CompensatedSum(), CompensatedSum())
        var (sumXY, sumXX) = (CompensatedSum(), CompensatedSum())
        var isConstant = true
        for index in window.lower..<window.upper {
            let y = window.values[index]
            let x = Double(window.times[index] - time) / 1_000
            if y != window.first { isConstant = false }
            sumX.add(x)
            sumY.add(y)
            sumXY.add(x * y)
            sumXX.add(x * x)
        }
        if isConstant {
            let isInfinite = window.first.isInfinite
            slope = isInfinite ? .nan : 0
            intercept = isInfinite ? .nan : window.first
            return
        }
        let n = Double(window.count)
        let x = sumX.sum + sumX.compensation
        let y = sumY.sum + sumY.compensation
        let covariance = (sumXY.sum + sumXY.compensation) - x * y / n
        let variance = (sumXX.sum + sumXX.compensation) - x * x / n
        slope = covariance / variance
        intercept = y / n - slope * x / n
    }
}
