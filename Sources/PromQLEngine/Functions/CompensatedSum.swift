// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A sum whose rounding errors are added up and put back (Kahan's, in Neumaier's form).
///
/// Source: Prometheus, promql/functions.go: `kahanSumInc`.
struct CompensatedSum {
    private(set) var sum: Double
    private(set) var compensation: Double

    /// Starts at a value.
    init(_ sum: Double = 0, compensation: Double = 0) {
        self.sum = sum
        self.compensation = compensation
    }

    /// Adds a value.
    mutating func add(_ value: Double) {
        let total = sum + value
        if total.isInfinite {
            compensation = 0
        } else if abs(sum) >= abs(value) {
            compensation += (sum - total) + value
        } else {
            compensation += (value - total) + sum
        }
        sum = total
    }

    /// The sum so far.
    var total: Double { sum.isInfinite ? sum : sum + compensation }
}

/// A mean: sum by count until the sum would overflow, and updated value by value from there.
///
/// Source: Prometheus, promql/functions.go: `funcAvgOverTime`.
struct CompensatedMean {
    private var sum = CompensatedSum()
    private var isIncremental = false
    private(set) var count = 0.0

    /// Adds a value.
    mutating func add(_ value: Double) {
        count += 1
        if !isIncremental {
            if count == 1 {
                sum = CompensatedSum(value)
                return
            }
            var next = sum
            next.add(value)
            if !next.sum.isInfinite {
                sum = next
                return
            }
            isIncremental = true
            sum = CompensatedSum(
                sum.sum / (count - 1),
                compensation: sum.compensation / (count - 1)
            )
        }
        let weight = (count - 1) / count
        sum = CompensatedSum(weight * sum.sum, compensation: weight * sum.compensation)
        sum.add(value / count)
    }

    /// The mean so far; NaN without a value.
    var mean: Double {
        isIncremental ? sum.total : sum.sum / count + sum.compensation / count
    }
}

/// The variance of a population, updated value by value (Welford's).
///
/// Source: Prometheus, promql/functions.go: `varianceOverTime`.
struct RunningVariance {
    private var count = 0.0
    private var mean = CompensatedSum()
    private var squares = CompensatedSum()

    /// Adds a value.
    mutating func add(_ value: Double) {
        count += 1
        let delta = value - (mean.sum + mean.compensation)
        mean.add(delta / count)
        squares.add(delta * (value - (mean.sum + mean.compensation)))
    }

    /// The variance so far; NaN without a value or with one that is not finite.
    var variance: Double { (squares.sum + squares.compensation) / count }
}
