// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Logging
public import Samples
public import Storage
public import Telemetry

/// The time that poll loops live in.
public struct PollClock: Sendable {
    /// The wall clock.
    public let now: @Sendable () -> Timestamp
    /// Sleeps, and throws when the task is cancelled.
    public let sleep: @Sendable (Duration) async throws -> Void

    /// Makes a clock; without `sleep` it is the process's continuous clock.
    public init(
        now: @escaping @Sendable () -> Timestamp,
        sleep: @escaping @Sendable (Duration) async throws -> Void = {
            try await Task.sleep(for: $0, tolerance: .zero)
        }
    ) {
        self.now = now
        self.sleep = sleep
    }
}

/// What every collector works with.
public struct CollectorContext: Sendable {
    /// Where the samples go.
    public let store: SeriesStore
    /// Where the loops count what they do.
    public let telemetry: Registry
    /// Who knows the latest poll of each target.
    public let board: PollBoard
    /// The time.
    public let clock: PollClock
    /// Where changes of a target's state are told; nil tells nobody.
    public let log: Log?

    /// Joins the parts.
    public init(
        store: SeriesStore,
        telemetry: Registry,
        board: PollBoard,
        clock: PollClock,
        log: Log? = nil
    ) {
        self.store = store
        self.telemetry = telemetry
        self.board = board
        self.clock = clock
        self.log = log
    }
}

/// Polls one target until it is cancelled; its connection is a local value of `run`.
public protocol Collector: Sendable {
    /// What is polled.
    var target: TargetID { get }
    /// When.
    var schedule: PollSchedule { get }
    /// How the target is shown.
    var description: TargetDescription { get }
    /// Polls at each slot until the task is cancelled; ends the target's series then.
    func run(_ context: CollectorContext) async
}

extension Collector {
    /// Shows the kind and the name.
    public var description: TargetDescription { TargetDescription(target) }
}

/// One conversation with a target, owned by the loop that polls it.
///
/// It keeps a connection between polls or makes one each time, as its protocol likes.
public protocol PollSource: ~Copyable {
    /// Polls once; must be over by the slot's deadline and heed cancellation.
    mutating func poll(_ slot: PollSlot) async -> PollOutcome
}
