// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// The attempts of one delivery and when the next one is due.
struct RetryState: Sendable, Hashable {
    /// What came of an attempt.
    enum Event: Sendable, Hashable {
        /// The receiver took it.
        case delivered
        /// It may work later; the receiver may have said when.
        case failed(retryAfter: Duration?)
        /// It never will.
        case refused
    }

    /// What is to be done.
    enum Action: Sendable, Hashable {
        /// Remove the delivery: it arrived.
        case done
        /// Try again at that time.
        case retry(at: Timestamp)
        /// Remove the delivery: it cannot arrive.
        case giveUp
    }

    /// How many attempts were made.
    private(set) var attempts = 0
    private(set) var createdAtMs: Int64
    private(set) var dueAtMs: Int64

    /// A delivery that is due at once.
    init(createdAt now: Timestamp) {
        createdAtMs = now.milliseconds
        dueAtMs = now.milliseconds
    }

    /// Takes up a delivery where it was left.
    init(attempts: Int, createdAtMs: Int64, dueAtMs: Int64) {
        self.attempts = attempts
        self.createdAtMs = createdAtMs
        self.dueAtMs = dueAtMs
    }

    /// When the next attempt is due.
    var dueAt: Timestamp { Timestamp(milliseconds: dueAtMs) }

    /// Shortens a wait that the clock made longer when it was set back.
    mutating func wait(atMost longest: Duration, at now: Timestamp) {
        dueAtMs = min(dueAtMs, (now + longest).milliseconds)
        createdAtMs = min(createdAtMs, now.milliseconds)
    }

    /// Takes the outcome of an attempt.
    ///
    /// `seed` spreads the waits of several deliveries by up to a fifth; the receiver's own
    /// `Retry-After` counts first and is never undercut.
    mutating func event(
        _ event: Event,
        at now: Timestamp,
        options: RetryOptions,
        seed: UInt64
    ) -> Action {
        attempts += 1
        switch event {
        case .delivered: return .done
        case .refused: return .giveUp
        case .failed(let retryAfter):
            let wait =
                retryAfter.map { max(.zero, min($0, options.longestRetryAfter)) }
                ?? backOff(options, seed: seed)
            let due = now + wait
            let end = Timestamp(milliseconds: createdAtMs) + options.longestLife
            guard due <= end else { return .giveUp }
            dueAtMs = due.milliseconds
            return .retry(at: due)
        }
    }

    private func backOff(_ options: RetryOptions, seed: UInt64) -> Duration {
        let doublings = min(attempts - 1, 20)
        let plain = min(options.firstDelay * (1 << doublings), options.longestDelay)
        var mixed = seed &+ UInt64(attempts) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        let spread = Int64(mixed >> 33) % 1_000
        return .milliseconds(plain.milliseconds + plain.milliseconds * spread / 5_000)
    }
}
