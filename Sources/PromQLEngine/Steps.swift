// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// The moments at which an expression is evaluated: `count` of them, `interval` apart.
struct Steps: Hashable {
    /// The first moment, in milliseconds since the Unix epoch.
    var start: Int64
    /// The distance, in milliseconds; at least 1.
    var interval: Int64
    /// How many moments; at least 1.
    var count: Int

    /// The one moment of an instant query.
    static func instant(_ time: Int64) -> Steps { Steps(start: time, interval: 1, count: 1) }

    /// The last moment.
    var end: Int64 { start + interval * Int64(count - 1) }

    /// The moment of a step.
    func time(_ index: Int) -> Int64 { start + interval * Int64(index) }
}

extension Timestamp {
    /// The moment, or the nearest to which any length of time can be added without an overflow.
    ///
    /// That is some thirty million years from the epoch, and lengths are 292 years at most.
    var withinReach: Timestamp {
        Timestamp(milliseconds: max(-1 << 60, min(1 << 60, milliseconds)))
    }
}
