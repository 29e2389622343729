// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import Samples
internal import Storage
internal import Telemetry

extension Pipeline {
    /// What mutes an alert on a route.
    struct Muting {
        var silences: [String] = []
        var sources: [Alert] = []
        var intervals: [String] = []

        var reason: String? {
            if !sources.isEmpty { return "inhibition" }
            if !intervals.isEmpty { return "time_interval" }
            return silences.isEmpty ? nil : "silence"
        }
    }

    /// Tells a group that time has passed, and decides what it flushes.
    func tick(_ key: String, at now: Timestamp) {
        guard var group = groups[key] else { return }
        switch group.state.event(.tick, at: now, timing: group.timing) {
        case .wait:
            groups[key] = group
        case .end:
            end(key, group)
        case .flush(let alerts):
            decide(alerts, of: group, key: key, at: now)
            let next = group.state.event(.flushed, at: now, timing: group.timing)
            groups[key] = group
            if next == .end { end(key, group) }
            for alert in alerts where alert.endsAt != nil { forget(alert, at: now) }
        }
    }

    /// What mutes an alert on a node at a moment.
    func muting(_ labels: LabelSet, on node: RouteTree.Node, at now: Timestamp) -> Muting {
        var result = Muting()
        result.silences = silenceTable.values.filter { $0.mutes(labels, at: now) }.map(\.id)
            .sorted()
        let inhibition = Inhibition(rules: options.inhibitRules)
        if !inhibition.rules.isEmpty {
            let firing = alerts.values.filter { !$0.isResolved(at: now) }
            result.sources = inhibition.sources(muting: labels, among: firing)
        }
        result.intervals = mutingIntervals(of: node, at: now)
        return result
    }

    private func mutingIntervals(of node: RouteTree.Node, at now: Timestamp) -> [String] {
        let muting = node.muteTimeIntervals.filter { intervals[$0]?.contains(now) ?? false }
        let active = node.activeTimeIntervals
        let isInside = active.isEmpty || active.contains { intervals[$0]?.contains(now) ?? false }
        return isInside ? muting : muting + active
    }

    private func decide(_ alerts: [Alert], of group: Group, key: String, at now: Timestamp) {
        var muted: Set<UInt64> = []
        for alert in alerts {
            let reason = muting(alert.labels, on: group.node, at: now).reason
            guard let reason else { continue }
            muted.insert(alert.fingerprint)
            meters.suppressed.add(1, ["reason": reason])
        }
        for way in group.ways {
            decide(alerts, muted: muted, of: group, way, key: key, at: now)
        }
    }

    private func decide(
        _ alerts: [Alert],
        muted: Set<UInt64>,
        of group: Group,
        _ way: Way,
        key: String,
        at now: Timestamp
    ) {
        let integration = way.integration
        let place = logKey(key, integration.id)
        let known = log[place]
        let told = alerts.filter { !way.isFormer || known?.firing.contains($0.fingerprint) == true }
        let decision = NotificationDecision.decide(
            told,
            muted: muted,
            known: known,
            sendResolved: integration.channel.sendResolved,
            repeatInterval: way.isFormer ? Self.longestMemory : group.node.repeatInterval,
            now: now
        )
        guard var decision else { return }
        if decision.reason == .first {
            decision.entry.slackTime = nil
            decision.entry.slackChannel = nil
        }
        if !way.isFormer { decision.entry.kin = group.node.kin(of: group.labels) }
        note(decision.entry, at: place)
        if decision.isSent { enqueue(decision, integration, group, key: key, at: now) }
    }

    /// Changes the log, for the next commit.
    func note(_ entry: LogEntry, at place: String) {
        log[place] = entry
        changes.append(.put(space: Space.log, key: place, value: entry.record.bytes))
    }

    /// The log's key of a group and an integration.
    func logKey(_ group: String, _ integration: String) -> String { "\(group)|\(integration)" }

    private func enqueue(
        _ decision: NotificationDecision,
        _ integration: Integration,
        _ group: Group,
        key: String,
        at now: Timestamp
    ) {
        let message = Message(
            deliveryID: newDeliveryID(at: now),
            receiver: group.node.receiver,
            groupKey: group.node.groupKey(of: group.labels),
            stableKey: key,
            groupLabels: group.labels,
            alerts: decision.alerts,
            reason: decision.reason,
            createdAt: now
        )
        coalesce(message, integration.id, at: now)
        let delivery = Delivery(
            message: message,
            integration: integration.id,
            retry: RetryState(createdAt: now)
        )
        if outbox.count >= Self.mostDeliveries, let oldest = outbox.first {
            meters.dropped.add()
            remove(oldest)
        }
        outbox.append(delivery)
        changes.append(
            .put(space: Space.outbox, key: delivery.id, value: delivery.record.bytes)
        )
        meters.decided.add(1, labels(of: delivery))
        measureOutbox()
    }

    /// Removes waiting messages that the new one makes needless.
    ///
    /// Those are firing as it is, and it tells of every alert of theirs. An end never takes the place
    /// of a beginning that nobody heard of, nor does a beginning behind it.
    private func coalesce(_ message: Message, _ integration: String, at now: Timestamp) {
        guard message.isFiring else { return }
        let told = Set(message.alerts.map(\.labels))
        let lane = Delivery.Lane(integration: integration, group: message.groupLabels)
        let last = outbox.filter { $0.lane == lane }.reversed().prefix(while: \.message.isFiring)
        let needless = last.filter { waiting in
            !isInFlight(waiting) && waiting.message.stableKey == message.stableKey
                && waiting.message.alerts.allSatisfy { told.contains($0.labels) }
        }
        for delivery in needless {
            meters.coalesced.add(1, labels(of: delivery))
            remove(delivery)
            list(delivery, outcome: .coalesced, at: now)
        }
    }

    /// Takes a delivery out of the outbox, for the next commit.
    func remove(_ delivery: Delivery) {
        outbox.removeAll { $0.id == delivery.id }
        changes.append(.remove(space: Space.outbox, key: delivery.id))
        forgetEntry(group: delivery.message.stableKey, delivery.integration)
        measureOutbox()
    }

    /// Shows the outbox's length by integration.
    func measureOutbox() {
        meters.outbox.remove { _ in true }
        for (_, ways) in integrations {
            for way in ways {
                let count = outbox.count { $0.integration == way.id }
                let labels: LabelSet = [
                    "receiver": way.receiver, "integration": "\(way.name)[\(way.index)]",
                ]
                meters.outbox.set(Double(count), labels)
            }
        }
    }

    /// Forgets an ended alert that no group holds any more.
    private func forget(_ alert: Alert, at now: Timestamp) {
        guard let known = alerts[alert.labels], known.isResolved(at: now),
            !groups.values.contains(where: { $0.state.alerts[alert.labels] != nil })
        else { return }
        alerts[alert.labels] = nil
        changes.append(.remove(space: Space.alerts, key: alert.fingerprintText))
    }

    /// Sorts by time, and is told apart by 64 random bits.
    private func newDeliveryID(at now: Timestamp) -> String {
        func digits(_ number: UInt64, _ width: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let time = digits(UInt64(max(0, now.milliseconds)), 12)
        return "msg_\(time)\(digits(UInt64.random(in: .min ... .max), 16))"
    }
}
