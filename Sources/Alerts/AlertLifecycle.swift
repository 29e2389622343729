// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// Where an alert stands.
public enum AlertPhase: String, Sendable, Hashable {
    /// The condition does not hold.
    case inactive
    /// The condition holds, for less than the rule's `for`.
    case pending
    /// The condition has held long enough.
    case firing
}

/// The durations that govern an alert's life.
public struct AlertTiming: Sendable, Hashable {
    /// How long the condition must hold before the alert fires.
    public var pendingFor: Duration
    /// How long the alert goes on firing once the condition no longer holds.
    public var keepFiringFor: Duration
    /// How long a resolved alert is remembered, and told again.
    public var resolvedRetention: Duration

    /// Makes a timing; Prometheus' retention is 15 minutes.
    public init(
        pendingFor: Duration = .zero,
        keepFiringFor: Duration = .zero,
        resolvedRetention: Duration = .seconds(900)
    ) {
        self.pendingFor = pendingFor
        self.keepFiringFor = keepFiringFor
        self.resolvedRetention = resolvedRetention
    }
}

/// The life of one alert, decided by what each evaluation saw.
///
/// It is a value without any input or output, so that the daemon, unit tests of rules and replays of
/// history share it. Source: Prometheus, rules/alerting.go: `Eval`.
public struct AlertLifecycle: Sendable, Hashable {
    /// What an evaluation saw.
    public enum Event: Sendable, Hashable {
        /// The condition held.
        case present
        /// The condition did not hold.
        case absent
    }

    /// What came of it.
    public enum Action: Sendable, Hashable {
        /// The phase is what it was.
        case stay
        /// The condition began to hold and waits for its `for`.
        case becamePending
        /// The alert began to fire.
        case fired
        /// The condition went away while it waited: there is nothing to tell, forget it.
        case cancelled
        /// The alert ended.
        case resolved
        /// The alert ended long ago: forget it.
        case expired
    }

    /// Where the alert stands; `inactive` with `resolvedAt` is a resolved alert.
    public private(set) var phase: AlertPhase
    /// When the condition began to hold.
    public private(set) var activeAt: Timestamp
    /// When the alert began to fire.
    public private(set) var firedAt: Timestamp?
    /// When the alert ended.
    public private(set) var resolvedAt: Timestamp?
    /// Since when it fires only because of `keep_firing_for`.
    public private(set) var keptSince: Timestamp?
    /// When it was last handed to the notifier.
    public private(set) var lastSentAt: Timestamp?

    /// Begins a life whose condition holds since `now`; `event` decides whether it fires at once.
    public init(activeAt now: Timestamp) {
        phase = .inactive
        activeAt = now
    }

    /// Takes up a life where it was left.
    public init(
        phase: AlertPhase,
        activeAt: Timestamp,
        firedAt: Timestamp?,
        resolvedAt: Timestamp?,
        keptSince: Timestamp?,
        lastSentAt: Timestamp?
    ) {
        self.phase = phase
        self.activeAt = activeAt
        self.firedAt = firedAt
        self.resolvedAt = resolvedAt
        self.keptSince = keptSince
        self.lastSentAt = lastSentAt
    }

    /// Takes what the evaluation of `now` saw, and says what came of it.
    public mutating func event(
        _ event: Event,
        at now: Timestamp,
        timing: AlertTiming
    ) -> Action {
        switch event {
        case .present: present(at: now, timing: timing)
        case .absent: absent(at: now, timing: timing)
        }
    }

    /// Whether the notifier must be told now; the moment is noted if so.
    ///
    /// Told are firing and resolved alerts: at the change, and then whenever more than the delay
    /// has passed. Source: Prometheus, rules/alerting.go: `needsSending`.
    public mutating func needsSending(at now: Timestamp, resendDelay: Duration) -> Bool {
        guard phase == .firing || resolvedAt != nil else { return false }
        if let lastSentAt {
            // Told in the future means that the clock was set back since.
            guard lastSentAt + resendDelay < now || lastSentAt > now else { return false }
        }
        lastSentAt = now
        return true
    }

    /// Lets the notifier be told by the next evaluation, whenever it was told last.
    public mutating func mustBeSent() { lastSentAt = nil }

    private mutating func present(at now: Timestamp, timing: AlertTiming) -> Action {
        keptSince = nil
        if phase == .inactive {
            self = AlertLifecycle(activeAt: resolvedAt == nil ? activeAt : now)
            phase = .pending
            return now - activeAt >= timing.pendingFor ? fire(at: now) : .becamePending
        }
        if phase == .pending {
            // A clock that was set back must not make the condition wait for it to catch up.
            activeAt = min(activeAt, now)
            return now - activeAt >= timing.pendingFor ? fire(at: now) : .stay
        }
        let isDue = max(now, firedAt ?? now) - activeAt >= timing.pendingFor
        guard !isDue else { return .stay }
        // The rule was loaded anew with a longer `for`: the alert waits again.
        phase = .pending
        firedAt = nil
        return .becamePending
    }

    private mutating func absent(at now: Timestamp, timing: AlertTiming) -> Action {
        switch phase {
        case .pending:
            return .cancelled
        case .firing:
            if timing.keepFiringFor > .zero {
                let since = min(keptSince ?? now, now)
                keptSince = since
                if now - since < timing.keepFiringFor { return .stay }
            }
            phase = .inactive
            resolvedAt = now
            keptSince = nil
            lastSentAt = nil
            return .resolved
        case .inactive:
            guard let resolvedAt else { return .expired }
            return now - resolvedAt > timing.resolvedRetention ? .expired : .stay
        }
    }

    private mutating func fire(at now: Timestamp) -> Action {
        phase = .firing
        firedAt = now
        lastSentAt = nil
        return .fired
    }
}
