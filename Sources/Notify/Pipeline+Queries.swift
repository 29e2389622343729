// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Alerts
public import Samples
public import Storage

extension Pipeline {
    /// Every attempt that is remembered, the latest first.
    public var notifications: [NotificationAttempt] { attempts.reversed() }

    /// How many messages wait to be delivered.
    public var outboxCount: Int { outbox.count }

    /// The names of all receivers, in the configuration's order.
    public var receiverNames: [String] { options.receivers.map(\.name) }

    /// The firing alerts with what is made of them, by fingerprint.
    public func alertViews(at now: Timestamp) -> [AlertView] {
        alerts.values.filter { !$0.isResolved(at: now) }
            .sorted { $0.fingerprint < $1.fingerprint }
            .map { view($0, at: now, on: tree.nodes(for: $0.labels)) }
    }

    /// The groups with their firing alerts, by receiver and labels.
    public func groupViews(at now: Timestamp) -> [GroupView] {
        let views = groups.values.map { group in
            let firing = group.state.alerts.values.filter { !$0.isResolved(at: now) }
            return GroupView(
                labels: group.labels,
                receiver: group.node.receiver,
                key: group.node.groupKey(of: group.labels),
                nextFlush: group.state.nextFlush,
                alerts: firing.sorted { $0.labels < $1.labels }
                    .map { view($0, at: now, on: [group.node]) }
            )
        }
        return views.filter { !$0.alerts.isEmpty }
            .sorted { ($0.labels, $0.receiver, $0.key) < ($1.labels, $1.receiver, $1.key) }
    }

    /// All silences that are remembered.
    public var silences: [Silence] { silenceTable.values.sorted { $0.id < $1.id } }

    /// Keeps a silence, new or changed, before it returns; the caller has checked it.
    ///
    /// - Throws: `StorageError` where the disk refuses; the silence counts all the same.
    public func set(_ silence: Silence) async throws(StorageError) {
        silenceTable[silence.id] = silence
        wake()
        try await ledger.apply([
            .put(space: Space.silences, key: silence.id, value: silence.record.bytes)
        ])
    }

    /// Forgets silences that ended before a moment.
    ///
    /// - Throws: `StorageError` where the disk refuses.
    public func forgetSilences(endedBefore time: Timestamp) async throws(StorageError) {
        let old = silenceTable.values.filter { $0.endsAt < time }.map(\.id)
        for id in old { silenceTable[id] = nil }
        try await ledger.apply(old.map { .remove(space: Space.silences, key: $0) })
    }

    private func view(_ alert: Alert, at now: Timestamp, on nodes: [RouteTree.Node]) -> AlertView {
        let mutings = nodes.map { muting(alert.labels, on: $0, at: now) }
        let isMutedEverywhere = !mutings.isEmpty && mutings.allSatisfy { !$0.intervals.isEmpty }
        return AlertView(
            alert: alert,
            receivers: nodes.map(\.receiver),
            silencedBy: mutings.first?.silences ?? [],
            inhibitedBy: mutings.first?.sources.map(\.fingerprintText) ?? [],
            mutedBy: isMutedEverywhere ? mutings.flatMap(\.intervals) : []
        )
    }
}
