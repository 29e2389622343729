// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Logging
internal import Samples
internal import Storage

/// Polls one target at its slots and hands over what it says: the loop that all sources share.
///
/// Per slot there is one poll, one outcome, one batch. A slot that passes while a poll still runs is
/// skipped and counted, never queued. A failed poll ends the target's series.
public struct CollectLoop: Sendable {
    private let target: TargetID
    private let schedule: PollSchedule
    private let backsOff: Bool
    private let countersBeginAtZero: Bool
    private let context: CollectorContext
    private let log: Log?

    /// Makes the loop of one target.
    ///
    /// With `backsOff`, a target that goes on failing is not connected to at each slot; the slots in
    /// between repeat the failure. It is meant for sources that keep a connection. With
    /// `countersBeginAtZero`, a counter that the poll before had not counts from zero at that poll.
    public init(
        _ collector: some Collector,
        in context: CollectorContext,
        backsOff: Bool = false,
        countersBeginAtZero: Bool = true
    ) {
        self.countersBeginAtZero = countersBeginAtZero
        target = collector.target
        schedule = collector.schedule
        self.backsOff = backsOff
        self.context = context
        log = context.log
    }

    /// Polls until the task is cancelled; then ends the target's series and leaves the board.
    public func run(_ source: consuming some PollSource & ~Copyable) async {
        let telemetry = SourceTelemetry(target, in: context.telemetry)
        var timetable = PollTimetable(schedule)
        var backoff = Backoff()
        var last: PollOutcome?
        var lastSlot: Timestamp?
        context.board.add(target, schedule: schedule)
        defer {
            context.store.endSeries(of: target, at: context.clock.now())
            context.board.remove(target)
            telemetry.end()
        }
        while let time = await nextSlot(&timetable, telemetry) {
            let start = ContinuousClock.now
            let slot = PollSlot(time: time, deadline: start + schedule.timeout)
            var outcome: PollOutcome
            if backsOff, let last, last.failure != nil, !backoff.allows(start) {
                outcome = last
            } else {
                outcome = await source.poll(slot)
                if outcome.failure == nil { backoff.succeeded() } else { backoff.failed(at: .now) }
            }
            // What a cancelled poll says is about us and not about the target.
            guard !Task.isCancelled else { return }
            report(outcome, after: last)
            let birth = countersBeginAtZero ? outcome.birth(after: last, at: lastSlot) : nil
            hand(over: outcome, slot: time, birth, took: .now - start, telemetry)
            last = outcome
            lastSlot = time
        }
    }

    /// Waits for the next slot; nil when the task is cancelled.
    private func nextSlot(
        _ timetable: inout PollTimetable,
        _ telemetry: SourceTelemetry
    ) async -> Timestamp? {
        let now = context.clock.now()
        let (next, passed) = timetable.next(now: now)
        count(skipped: passed, telemetry)
        guard !Task.isCancelled else { return nil }
        guard next > now else { return next }
        do { try await context.clock.sleep(next - now) } catch { return nil }
        let (slot, slept) = timetable.woken(for: next, now: context.clock.now())
        count(skipped: slept, telemetry)
        return slot
    }

    private func count(skipped: Int, _ telemetry: SourceTelemetry) {
        guard skipped > 0 else { return }
        telemetry.skip(skipped)
        context.board.skip(skipped, of: target)
    }

    private func hand(
        over outcome: PollOutcome,
        slot: Timestamp,
        _ birth: CounterBirth?,
        took duration: Duration,
        _ telemetry: SourceTelemetry
    ) {
        var dropped = 0
        if outcome.families.isEmpty {
            context.store.endSeries(of: target, at: slot)
        } else {
            let batch = SampleBatch(time: slot, families: outcome.families)
            dropped = context.store.append(batch, from: target, birth: birth).refused
        }
        telemetry.record(outcome, slot: slot, took: duration, dropped: dropped)
        // Last, so that who waited for the poll finds its samples.
        context.board.land(outcome, of: target, slot: slot, took: duration)
    }

    /// Writes a line when the target's state changes, and only then.
    private func report(_ outcome: PollOutcome, after last: PollOutcome?) {
        guard let log, outcome.failure?.reason != last?.failure?.reason else { return }
        let name = Field("target", "\(target.kind)/\(target.name)")
        if let failure = outcome.failure {
            log(
                .warning,
                "a source is down",
                [name, Field("reason", failure.reason.rawValue), Field("error", failure.message)]
            )
        } else if last != nil {
            log(.info, "a source is up again", [name])
        }
    }
}
