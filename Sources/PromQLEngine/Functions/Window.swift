// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// The samples of one series that a range selector sees at one step.
///
/// The arrays are those of the whole series, without staleness markers; only the bounds move from
/// step to step, so a window costs no copy.
struct Window {
    /// Milliseconds since the Unix epoch, ascending.
    let times: ContiguousArray<Int64>
    /// A value for each time.
    let values: ContiguousArray<Double>
    /// When each sample's counter started, `.min` where that is not known; empty where none is.
    var starts: ContiguousArray<Int64> = []
    /// The first sample inside.
    var lower = 0
    /// The first sample past the end.
    var upper = 0
    /// The left edge, itself outside.
    var from: Int64 = 0
    /// The right edge, itself inside.
    var through: Int64 = 0
    /// The step's own time, which offset and `@` leave alone.
    var now: Int64 = 0

    /// Takes a series' samples, without staleness markers.
    init(times: ContiguousArray<Int64>, values: ContiguousArray<Double>) {
        guard values.contains(where: \.isStalenessMarker) else {
            self.times = times
            self.values = values
            return
        }
        let kept = values.indices.filter { !values[$0].isStalenessMarker }
        self.times = ContiguousArray(kept.map { times[$0] })
        self.values = ContiguousArray(kept.map { values[$0] })
    }

    /// How many samples are inside.
    var count: Int { upper - lower }

    /// The first value; there must be one.
    var first: Double { values[lower] }

    /// The last value; there must be one.
    var last: Double { values[upper - 1] }

    /// The values inside.
    var inside: ArraySlice<Double> { ArraySlice(values[lower..<upper]) }

    /// Moves to other edges; cheap where they are near the present ones.
    mutating func move(from: Int64, through: Int64) {
        self.from = from
        self.through = through
        while lower > 0 && times[lower - 1] > from { lower -= 1 }
        while lower < times.count && times[lower] <= from { lower += 1 }
        upper = max(upper, lower)
        while upper > lower && times[upper - 1] > through { upper -= 1 }
        while upper < times.count && times[upper] <= through { upper += 1 }
    }
}
