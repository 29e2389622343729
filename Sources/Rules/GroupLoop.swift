// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Evaluates one group on its schedule until it is cancelled.
///
/// The moments are whole multiples of the interval, as those of polls are, and an evaluation waits
/// until the polls of its moment have landed: a condition is seen by the first evaluation after the
/// poll that shows it. Moments that pass while an evaluation runs are skipped and counted.
public struct GroupLoop: Sendable {
    /// The state of the group.
    public let evaluator: GroupEvaluator
    private let context: RuleContext
    private let interval: Duration

    /// Makes the loop of a group, which publishes itself on `board`.
    public init(_ group: RuleGroup, context: RuleContext, board: RuleGroups) {
        evaluator = GroupEvaluator(group, context: context, board: board)
        self.context = context
        interval = group.interval ?? context.options.evaluationInterval
    }

    /// Takes up the state of `former`, or what the ledger kept, then evaluates at each moment.
    public func run(
        succeeding former: GroupEvaluator? = nil,
        clock: some Clock<Duration>
    ) async {
        if let former { await evaluator.succeed(former) } else { await evaluator.restore() }
        var last: Timestamp?
        while !Task.isCancelled {
            let now = context.now()
            let moment = next(after: last, now: now)
            if let last {
                let missed = (moment - last).milliseconds / step - 1
                if missed > 0 { await evaluator.countMissed(Int(missed)) }
            }
            if moment > now {
                do { try await clock.sleep(for: moment - now) } catch { return }
                // The machine slept longer than we did: that moment's samples are long gone.
                if context.now() >= moment + interval + interval {
                    last = moment
                    continue
                }
            }
            await context.pollsLanded(moment)
            guard !Task.isCancelled else { return }
            await evaluator.evaluate(at: moment)
            last = moment
        }
    }

    private var step: Int64 { max(1, interval.milliseconds) }

    /// The moment that is due: the one running if it has not been evaluated, else the next.
    func next(after last: Timestamp?, now: Timestamp) -> Timestamp {
        let running = Timestamp(milliseconds: now.milliseconds / step * step)
        guard let last else { return running + interval }
        // A clock that was set back must not stop the rules until it has caught up.
        guard running + interval >= last else { return running + interval }
        return running > last ? running : last + interval
    }
}
