// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Locking
internal import Samples

let clock = SteadyClock()

/// The time now, which never goes back; nobody below this module reads the wall clock.
let wallClock: @Sendable () -> Timestamp = { clock.now() }

/// The wall clock, made to never go back.
///
/// Where the wall clock is set forward, it follows at once. Where that is set back, it runs a
/// sixteenth slower until the wall clock has caught up: a step back of the clock itself would refuse
/// all samples, and let the rules see the past, for as long as the step was wide.
final class SteadyClock: Sendable {
    private struct Reading {
        var nanoseconds: Int64
        var instant: ContinuousClock.Instant
    }

    private let last: Lock<Reading>
    private let wall: @Sendable () -> Int64
    private let monotonic: @Sendable () -> ContinuousClock.Instant

    /// Makes a clock over the wall clock in milliseconds and one that nobody sets.
    init(
        wall: @escaping @Sendable () -> Int64 = wallClockMilliseconds,
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.wall = wall
        self.monotonic = monotonic
        last = Lock(Reading(nanoseconds: wall() * 1_000_000, instant: monotonic()))
    }

    /// Goes on from a moment that was reached before, where the wall clock is not far behind it.
    ///
    /// The wall clock was set back while the daemon was away. Where it was far ahead, what is in
    /// storage is wrong anyway, and the right time counts more.
    func resume(at time: Timestamp) {
        last.withLock { last in
            let ahead = time.milliseconds * 1_000_000 - last.nanoseconds
            guard ahead > 0, ahead <= Self.furthest else { return }
            last.nanoseconds += ahead
        }
    }

    private static let furthest: Int64 = 600 * 1_000_000_000

    /// The time now.
    func now() -> Timestamp {
        last.withLock { last in
            // Read within the lock, so that no two readings change places.
            let (wall, instant) = (wall() * 1_000_000, monotonic())
            let (seconds, attoseconds) = (instant - last.instant).components
            let passed = max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
            let slow = last.nanoseconds + passed - passed / 16
            last = Reading(nanoseconds: max(wall, slow), instant: instant)
            return Timestamp(milliseconds: last.nanoseconds / 1_000_000)
        }
    }
}
