// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking
public import Samples
public import Storage

/// Knows the latest poll of every target: `/metrics` and the API read it, rule groups wait on it.
///
/// Nobody who asks ever waits for a target, only for the loops that have a deadline themselves.
public final class PollBoard: Sendable {
    /// A target and how it stands.
    public struct Entry: Sendable {
        /// The target.
        public let target: TargetID
        /// Its schedule.
        public let schedule: PollSchedule
        /// How it is shown.
        public let description: TargetDescription
        /// The latest outcome; nil before the first poll ended.
        public internal(set) var outcome: PollOutcome?
        /// The slot of that outcome.
        public internal(set) var slot: Timestamp?
        /// What earlier polls said and those that fail since, or a part of them, cannot say.
        public internal(set) var lost: [MetricFamily] = []
        /// Whether a poll succeeded with all its parts.
        public internal(set) var hasBeenWhole = false
        /// How long that poll took.
        public internal(set) var duration: Duration = .zero
        /// The slot of the latest poll that succeeded.
        public internal(set) var lastSuccess: Timestamp?
        /// Slots that passed unused.
        public internal(set) var skipped = 0

        /// Everything the latest poll said.
        public var batch: SampleBatch? {
            guard let outcome, let slot else { return nil }
            return SampleBatch(time: slot, families: outcome.families)
        }
    }

    struct Waiter {
        let due: Timestamp
        let wake: AsyncStream<Void>.Continuation
    }

    struct State {
        var entries: [TargetID: Entry] = [:]
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0

        /// Whether every target's latest slot up to `due` is over.
        func hasLanded(_ due: Timestamp) -> Bool {
            entries.values.allSatisfy { entry in
                guard let slot = entry.slot else { return false }
                return slot >= entry.schedule.slot(atOrBefore: due)
            }
        }

        /// Takes out those who need not wait any longer.
        mutating func ready() -> [Waiter] {
            let ready = waiters.filter { hasLanded($0.value.due) }
            for id in ready.keys { waiters[id] = nil }
            return Array(ready.values)
        }
    }

    let state = Lock(State())
    /// The labels of the stored series that fulfil the conditions, of whatever time.
    let history: @Sendable ([Matcher]) -> [LabelSet]

    /// Makes an empty board; `history` tells the labels of stored series that fulfil conditions.
    public init(history: @escaping @Sendable ([Matcher]) -> [LabelSet] = { _ in [] }) {
        self.history = history
    }

    /// The targets, sorted by kind and name.
    public var targets: [Entry] {
        state.withLock { state in
            state.entries.values.sorted {
                ($0.target.kind, $0.target.name) < ($1.target.kind, $1.target.name)
            }
        }
    }

    /// How one target stands; nil where it is unknown.
    public func entry(of target: TargetID) -> Entry? { state.withLock { $0.entries[target] } }

    /// Adds a target that is not polled yet; without a description it keeps the one that it has.
    public func add(
        _ target: TargetID,
        schedule: PollSchedule,
        description: TargetDescription? = nil
    ) {
        state.withLock { state in
            let kept = state.entries[target]?.description ?? TargetDescription(target)
            state.entries[target] = Entry(
                target: target,
                schedule: schedule,
                description: description ?? kept
            )
        }
    }

    /// Forgets a target.
    public func remove(_ target: TargetID) {
        change { $0.entries[target] = nil }
    }

    /// Notes the outcome of a poll.
    public func land(
        _ outcome: PollOutcome,
        of target: TargetID,
        slot: Timestamp,
        took duration: Duration
    ) {
        change { state in
            state.entries[target]?.note(outcome)
            state.entries[target]?.outcome = outcome
            state.entries[target]?.slot = slot
            state.entries[target]?.duration = duration
            if outcome.failure == nil { state.entries[target]?.lastSuccess = slot }
        }
    }

    /// Counts slots that passed unused.
    public func skip(_ count: Int, of target: TargetID) {
        state.withLock { $0.entries[target]?.skipped += count }
    }

    /// Returns when the polls due at `due` have landed, or `limit` is over, or the task cancelled.
    ///
    /// Without `limit` it waits no longer than the longest timeout of all targets.
    public func pollsLanded(
        due: Timestamp,
        limit: Duration? = nil,
        clock: PollClock
    ) async {
        let (stream, wake) = AsyncStream.makeStream(of: Void.self)
        let (id, longest) = state.withLock { state -> (Int?, Duration) in
            guard !state.hasLanded(due) else { return (nil, .zero) }
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = Waiter(due: due, wake: wake)
            let longest = state.entries.values.map(\.schedule.timeout).max() ?? .zero
            return (state.nextWaiter, limit ?? longest)
        }
        guard let id else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in stream { return } }
            group.addTask { try? await clock.sleep(longest) }
            await group.next()
            group.cancelAll()
        }
        state.withLock { $0.waiters[id] = nil }
    }

    private func change(_ body: (inout State) -> Void) {
        let ready = state.withLock { state in
            body(&state)
            return state.ready()
        }
        for waiter in ready { waiter.wake.finish() }
    }
}
