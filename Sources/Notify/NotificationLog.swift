// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import Samples

/// Why somebody is told; the words are Alertmanager's.
enum NotificationReason: String, Sendable, Hashable {
    case first = "first notification"
    case added = "new alerts added"
    case someResolved = "some alerts resolved"
    case allResolved = "all alerts resolved"
    case repeated = "repeat interval elapsed"
}

/// What one receiver was last told of one group.
struct LogEntry: Sendable, Hashable {
    /// The firing alerts it knows of, by fingerprint.
    var firing: Set<UInt64> = []
    /// The ended alerts it was told of, by fingerprint.
    var resolved: Set<UInt64> = []
    /// When, in milliseconds since the Unix epoch.
    var toldAtMs: Int64 = 0
    /// Where the message stands that later ones edit: channel and time of Slack.
    var slackChannel: String?
    var slackTime: String?
    /// The group without what tells its route from others of the same receiver and grouping.
    var kin = ""
}

/// Whether a receiver is told, decided by what it knows.
///
/// Source: Alertmanager, notify: `DedupStage.needsUpdate`. Beyond it, an alert that was told of as
/// firing and is muted since stays known, so that its end is told.
struct NotificationDecision: Sendable, Hashable {
    /// The alerts of the message, firing and ended.
    var alerts: [Alert]
    /// Why.
    var reason: NotificationReason
    /// Whether anything is sent; without it only the log changes.
    var isSent: Bool
    /// What the receiver knows afterwards.
    var entry: LogEntry

    /// Decides about the alerts of a flush; nil where nothing is to be told.
    static func decide(
        _ alerts: [Alert],
        muted: Set<UInt64>,
        known: LogEntry?,
        sendResolved: Bool,
        repeatInterval: Duration,
        now: Timestamp
    ) -> NotificationDecision? {
        let entry = known ?? LogEntry()
        let told = alerts.filter { alert in
            !muted.contains(alert.fingerprint)
                || alert.endsAt != nil && entry.firing.contains(alert.fingerprint)
        }
        let firing = Set(told.filter { $0.endsAt == nil }.map(\.fingerprint))
        let resolved = Set(told.filter { $0.endsAt != nil }.map(\.fingerprint))
        let hushed = Set(
            alerts.filter { $0.endsAt == nil && muted.contains($0.fingerprint) }.map(\.fingerprint)
        ).intersection(entry.firing)
        let reason = reason(
            firing: firing,
            resolved: resolved,
            hushed: hushed,
            entry: entry,
            sendResolved: sendResolved,
            isDue: now - Timestamp(milliseconds: entry.toldAtMs) >= repeatInterval
        )
        guard let reason else {
            // Ends that are not told are noted, so that the next beginning is news.
            let ended = resolved.intersection(entry.firing)
            guard !ended.isEmpty else { return nil }
            var after = entry
            after.firing.subtract(ended)
            return NotificationDecision(
                alerts: [],
                reason: .someResolved,
                isSent: false,
                entry: after
            )
        }
        let message = sendResolved ? told : told.filter { $0.endsAt == nil }
        var after = entry
        after.firing = firing.union(hushed)
        after.resolved = resolved
        after.toldAtMs = now.milliseconds
        return NotificationDecision(
            alerts: message,
            reason: reason,
            isSent: !message.isEmpty,
            entry: after
        )
    }

    private static func reason(
        firing: Set<UInt64>,
        resolved: Set<UInt64>,
        hushed: Set<UInt64>,
        entry: LogEntry,
        sendResolved: Bool,
        isDue: Bool
    ) -> NotificationReason? {
        if !firing.isSubset(of: entry.firing) { return entry.firing.isEmpty ? .first : .added }
        // Ends of what the receiver never heard of are no news.
        let ended = resolved.intersection(entry.firing)
        if firing.isEmpty, hushed.isEmpty {
            guard !entry.firing.isEmpty, !resolved.isEmpty else { return nil }
            return .allResolved
        }
        if sendResolved, !ended.isEmpty { return .someResolved }
        return isDue && !firing.isEmpty ? .repeated : nil
    }
}
