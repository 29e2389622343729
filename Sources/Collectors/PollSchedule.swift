// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// When a target is polled: at the multiples of its interval since the epoch.
///
/// All targets of one interval share their slots, so a rule group can wait for them.
public struct PollSchedule: Sendable, Hashable {
    /// From slot to slot; at least a millisecond.
    public let interval: Duration
    /// How long one poll may take; no longer than the interval.
    public let timeout: Duration

    /// Makes a schedule; a timeout above the interval is cut to it.
    public init(interval: Duration, timeout: Duration) {
        self.interval = max(interval, .milliseconds(1))
        self.timeout = min(timeout, self.interval)
    }

    /// The last slot that is not after `time`.
    public func slot(atOrBefore time: Timestamp) -> Timestamp {
        let step = interval.milliseconds
        let phase = time.milliseconds % step
        return Timestamp(milliseconds: time.milliseconds - (phase < 0 ? phase + step : phase))
    }

    /// The first slot after `time`.
    public func slot(after time: Timestamp) -> Timestamp { slot(atOrBefore: time) + interval }
}

/// One turn of a poll loop.
public struct PollSlot: Sendable {
    /// The slot's time, which the poll's samples carry.
    public let time: Timestamp
    /// When the poll must be over.
    public let deadline: ContinuousClock.Instant

    /// Makes a slot.
    public init(time: Timestamp, deadline: ContinuousClock.Instant) {
        self.time = time
        self.deadline = deadline
    }
}

/// Decides the slots of one target: which comes next, and how many were missed.
struct PollTimetable {
    let schedule: PollSchedule
    private var last: Timestamp?

    init(_ schedule: PollSchedule) { self.schedule = schedule }

    /// The slot to wait for, and how many passed unused since the last one.
    ///
    /// The first is `now`: a new target is not left alone for an interval. A slot that passed while
    /// the poll before it ran is skipped; the next is always ahead, so no queue can form.
    mutating func next(now: Timestamp) -> (slot: Timestamp, skipped: Int) {
        guard let last else {
            last = now
            return (now, 0)
        }
        let due = schedule.slot(after: last)
        // A wall clock that was set back must not stop the polls until it has caught up.
        let isBehind = now + schedule.interval + schedule.interval < due
        let slot = isBehind || now > due ? schedule.slot(after: now) : due
        self.last = slot
        let missed = (slot - due).milliseconds / schedule.interval.milliseconds
        return (slot, max(0, Int(missed)))
    }

    /// The slot to use after the wait for one, and how many passed unused meanwhile.
    ///
    /// It is another one where the machine was suspended, or its clock set forward: samples that
    /// carry a slot long past would be too old for the rules that are evaluated now.
    mutating func woken(for slot: Timestamp, now: Timestamp) -> (slot: Timestamp, skipped: Int) {
        guard now >= slot + schedule.interval else { return (slot, 0) }
        let running = schedule.slot(atOrBefore: now)
        last = running
        return (running, Int((running - slot).milliseconds / schedule.interval.milliseconds))
    }
}

/// Decides when a target that failed may be connected to again.
///
/// It waits 1, 2, 4 and so on up to 30 s. The first failure costs no wait, so a server that
/// restarts is seen at the next slot.
public struct Backoff: Sendable {
    private let longest: Duration
    private var failures = 0
    private var notBefore: ContinuousClock.Instant?

    /// Makes a back-off without failures.
    public init(longest: Duration = .seconds(30)) { self.longest = longest }

    /// Whether a connection may be tried at `now`.
    public func allows(_ now: ContinuousClock.Instant) -> Bool {
        notBefore.map { now >= $0 } ?? true
    }

    /// Forgets the failures.
    public mutating func succeeded() {
        failures = 0
        notBefore = nil
    }

    /// Counts a failure at `now`.
    public mutating func failed(at now: ContinuousClock.Instant) {
        failures = min(failures + 1, 16)
        guard failures > 1 else { return }
        notBefore = now + min(.seconds(1 << (failures - 2)), longest)
    }
}
