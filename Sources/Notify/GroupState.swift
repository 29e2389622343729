// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import Samples

/// The alerts of one group and when they are told of next.
///
/// It is a value without any input or output. A new group waits `group_wait`, always: Alertmanager
/// tells of old alerts at once, and so of targets whose inhibiting source has not come yet.
/// Source: Alertmanager, dispatch/dispatch.go: `aggrGroup`.
struct GroupState: Sendable, Hashable {
    /// What happens to a group.
    enum Event: Sendable {
        /// Alerts came, new or known.
        case alerts([Alert])
        /// Time has passed.
        case tick
        /// What was taken by the last `flush` has been decided about.
        case flushed
    }

    /// What is to be done.
    enum Action: Sendable, Hashable {
        /// Come back at that time.
        case wait(until: Timestamp)
        /// Decide about these alerts, then say `flushed`.
        case flush([Alert])
        /// The group is empty: forget it.
        case end
    }

    /// The timers.
    struct Timing: Sendable, Hashable {
        var groupWait: Duration
        var groupInterval: Duration
    }

    private(set) var alerts: [LabelSet: Alert] = [:]
    private(set) var nextFlush: Timestamp?
    private var taken: [LabelSet: Alert] = [:]

    /// Takes an event, and says what is to be done.
    mutating func event(_ event: Event, at now: Timestamp, timing: Timing) -> Action {
        switch event {
        case .alerts(let news):
            for alert in news { alerts[alert.labels] = merged(alerts[alert.labels], alert) }
            let due = nextFlush ?? now + timing.groupWait
            nextFlush = due
            return .wait(until: due)
        case .tick:
            guard !alerts.isEmpty else { return .end }
            let due = nextFlush ?? now + timing.groupWait
            nextFlush = due
            guard due <= now else { return .wait(until: due) }
            nextFlush = following(due, now, timing.groupInterval)
            taken = alerts.mapValues { $0.settled(at: now) }
            return .flush(taken.values.sorted(by: tellingOrder))
        case .flushed:
            for (labels, alert) in taken where alert.endsAt != nil {
                // Not `==`: a value that is not a number equals nothing.
                guard let known = alerts[labels]?.settled(at: now), known.endsAt == alert.endsAt,
                    known.updatedAt == alert.updatedAt
                else { continue }
                alerts[labels] = nil
            }
            taken = [:]
            guard !alerts.isEmpty, let nextFlush else { return .end }
            return .wait(until: nextFlush)
        }
    }

    /// Lets alerts expire later, by a time in which nobody could renew them.
    mutating func excuse(_ lateness: Duration) {
        alerts = alerts.mapValues { $0.expiring(later: lateness) }
    }

    /// Takes up a group that was told of before: it keeps the pace it had.
    mutating func restore(_ restored: [Alert], nextFlush due: Timestamp) {
        for alert in restored { alerts[alert.labels] = alert }
        nextFlush = due
    }

    /// Ticks keep their pace, and those that were missed are left out.
    private func following(_ due: Timestamp, _ now: Timestamp, _ interval: Duration) -> Timestamp {
        let next = due + interval
        return next > now ? next : now + interval
    }
}

extension Alert {
    /// The alert as it stands at a moment: with an end where it was not renewed in time.
    func settled(at now: Timestamp) -> Alert {
        var copy = self
        copy.endsAt = isResolved(at: now) ? endsAt ?? expiresAt : nil
        return copy
    }
}

extension Alert {
    /// The alert as it holds from its arrival on, however long ago it was seen.
    ///
    /// Else what was renewed while the machine was suspended, or its clock set, would be over already.
    func arriving(at now: Timestamp) -> Alert {
        var copy = self
        copy.expiresAt = expiresAt.map { max($0, now + ($0 - updatedAt)) }
        return copy
    }

    /// The alert with another moment of expiry.
    func expiring(later delay: Duration) -> Alert {
        var copy = self
        copy.expiresAt = expiresAt.map { $0 + delay }
        return copy
    }
}

/// What is known of an alert after news of it.
///
/// Overlapping news belong to the same episode: the earliest start and the latest annotations count,
/// and of two ends the later. Source: Alertmanager, types: `Alert.Merge`.
func merged(_ known: Alert?, _ news: Alert) -> Alert {
    guard let known, news.updatedAt >= known.updatedAt else { return known ?? news }
    let end = known.endsAt ?? known.expiresAt
    if let end, end < news.startsAt { return news }
    var result = news
    if known.startsAt < news.startsAt {
        result.startsAt = known.startsAt
        result.activeAt = min(known.activeAt, news.activeAt)
        result.firstValue = known.firstValue ?? news.firstValue
    }
    if let ended = news.endsAt, let before = known.endsAt { result.endsAt = max(ended, before) }
    return result
}

/// By job, instance and then all labels, as Alertmanager orders the alerts of a message.
private func tellingOrder(_ a: Alert, _ b: Alert) -> Bool {
    for name in ["job", "instance"] {
        let (x, y) = (a.labels[name], b.labels[name])
        if x != y { return x < y }
    }
    return a.labels < b.labels
}
