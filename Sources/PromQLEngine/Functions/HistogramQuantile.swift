// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A bucket of a classic histogram.
struct Bucket {
    /// The largest value that it counts.
    var bound: Double
    /// How many observations were at most `bound`.
    var count: Double
}

/// What had to be corrected before a quantile could be taken: counts below their predecessors, beyond
/// the noise of floating point.
struct BucketRepair {
    /// The bounds of the first and the last bucket whose count was raised; nil where none was.
    var bounds: ClosedRange<Double>?
    /// By how much a count was raised at most.
    var largest = 0.0

    fileprivate mutating func note(_ bound: Double, _ difference: Double) {
        bounds = (bounds?.lowerBound ?? bound)...bound
        largest = max(largest, difference)
    }

    /// Adds what had to be corrected at another step or in another histogram.
    mutating func merge(_ other: BucketRepair) {
        guard let more = other.bounds else { return }
        let known = bounds ?? more
        bounds = min(known.lowerBound, more.lowerBound)...max(known.upperBound, more.upperBound)
        largest = max(largest, other.largest)
    }
}

/// The buckets of one histogram at one step, sorted by bound; changed in place, as there are millions.
typealias Buckets = ContiguousArray<Bucket>

extension Buckets {
    /// Joins buckets of one bound and makes the counts grow; false without the infinite one.
    ///
    /// Source: Prometheus, promql/quantile.go: `coalesceBuckets`,
    /// `ensureMonotonicAndIgnoreSmallDeltas`.
    fileprivate mutating func mend(_ repair: inout BucketRepair) -> Bool {
        guard join() else { return false }
        var previous = self[0].count
        for index in indices.dropFirst() {
            let count = self[index].count
            if count == previous { continue }
            let isNoise = almostEqual(previous, count, tolerance: 1e-12)
            if isNoise || count < previous {
                if !isNoise { repair.note(self[index].bound, previous - count) }
                self[index].count = previous
                continue
            }
            previous = count
        }
        return true
    }

    /// Adds up buckets of one bound; false where the largest bound is not infinite.
    fileprivate mutating func join() -> Bool {
        guard last?.bound == .infinity else { return false }
        var end = 1
        for index in 1..<count {
            if self[index].bound == self[end - 1].bound {
                self[end - 1].count += self[index].count
            } else {
                if end < index { self[end] = self[index] }
                end += 1
            }
        }
        if end < count { removeLast(count - end) }
        return true
    }
}

/// The quantile of a classic histogram, by linear interpolation inside the bucket.
///
/// Source: Prometheus, promql/quantile.go: `BucketQuantile`.
func bucketQuantile(
    _ q: Double,
    _ buckets: inout Buckets,
    _ repair: inout BucketRepair
) -> Double {
    if q.isNaN { return .nan }
    if q < 0 { return -.infinity }
    if q > 1 { return .infinity }
    guard buckets.mend(&repair), buckets.count > 1 else { return .nan }
    let last = buckets.count - 1
    let observations = buckets[last].count
    if observations == 0 { return .nan }
    var rank = q * observations
    let place = firstPlace(below: last) { buckets[$0].count >= rank }
    if place == last { return buckets[last - 1].bound }
    if place == 0 && buckets[0].bound <= 0 { return buckets[0].bound }
    var start = 0.0
    var count = buckets[place].count
    if place > 0 {
        start = buckets[place - 1].bound
        count -= buckets[place - 1].count
        rank -= buckets[place - 1].count
    }
    return start + (buckets[place].bound - start) * (rank / count)
}

/// The first place for which a condition holds that holds from some place on; `end` without one.
private func firstPlace(below end: Int, where holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, end)
    while low < high {
        let middle = (low + high) / 2
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
}

/// The share of a classic histogram's observations between two values.
///
/// Source: Prometheus, promql/quantile.go: `BucketFraction`.
func bucketFraction(from lower: Double, to upper: Double, _ buckets: inout Buckets) -> Double {
    guard buckets.join(), let count = buckets.last?.count else { return .nan }
    if count == 0 || count.isNaN || lower.isNaN || upper.isNaN { return .nan }
    if lower >= upper { return 0 }
    let below = min(rank(of: lower, in: buckets), count)
    let through = min(rank(of: upper, in: buckets), count)
    return (through - below) / count
}

/// How many observations are below a value, by linear interpolation inside its bucket.
private func rank(of value: Double, in buckets: Buckets) -> Double {
    var rank = 0.0
    // As with quantiles, a first bucket above zero begins at zero.
    var start = buckets[0].bound > 0 ? 0 : -Double.infinity
    for bucket in buckets {
        if start >= value { return rank }
        if bucket.bound > value {
            // Nothing is known about where in an endless bucket its observations lie.
            if start == -.infinity { return value == -.infinity ? 0 : bucket.count }
            return rank + (bucket.count - rank) * (value - start) / (bucket.bound - start)
        }
        rank = bucket.count
        start = bucket.bound
    }
    return rank
}

/// Whether two numbers are equal but for the noise of floating point.
///
/// Source: Prometheus, util/almost: `Equal`.
func almostEqual(_ a: Double, _ b: Double, tolerance: Double) -> Bool {
    if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
    if a == b { return true }
    let sum = abs(a) + abs(b)
    let difference = abs(a - b)
    let smallest = Double.leastNormalMagnitude
    if a == 0 || b == 0 || sum < smallest { return difference < tolerance * smallest }
    return difference / min(sum, .greatestFiniteMagnitude) < tolerance
}
