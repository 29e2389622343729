// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
public import Samples
internal import Storage

/// Groups come with alerts, outlive a change of the configuration, and go with their last end.
extension Pipeline {
    /// How long the log keeps what a receiver knows of a group that is gone; Alertmanager's
    /// `--data.retention`.
    static let longestMemory = Duration.seconds(120 * 3_600)

    /// Puts an alert into its groups, new or known.
    func place(_ alert: Alert, now: Timestamp) {
        var keys: Set<String> = []
        for node in tree.nodes(for: alert.labels) {
            let labels = node.groupLabels(of: alert.labels)
            let key = node.stableKey(of: labels)
            keys.insert(key)
            var group = groups[key] ?? Group(node: node, labels: labels, ways: ways(of: node))
            _ = group.state.event(.alerts([alert]), at: now, timing: group.timing)
            groups[key] = group
        }
        for key in formerKeys.subtracting(keys) {
            guard var group = groups[key], group.state.alerts[alert.labels] != nil else { continue }
            _ = group.state.event(.alerts([alert]), at: now, timing: group.timing)
            groups[key] = group
        }
    }

    /// Takes other options; groups, log and outbox stay, and known groups keep their pace.
    ///
    /// A receiver that was told of a firing alert and is named no more, or no longer for this alert,
    /// hears of the end still, and of nothing else.
    public func update(_ options: NotifyOptions, now: Timestamp) {
        self.options = options
        tree = RouteTree(options.route)
        (integrations, intervals) = Self.tables(options)
        let before = groups
        groups = [:]
        formerKeys = []
        let waiting = Set(outbox.map(\.integration))
        formerIntegrations = formerIntegrations.filter { waiting.contains($0.key) }
        for alert in alerts.values { place(alert, now: now) }
        for (key, group) in before {
            let former = formerWays(of: group, key: key, beside: groups[key]?.ways ?? [])
            for way in former { formerIntegrations[way.integration.id] = way.integration }
            if let due = group.state.nextFlush, let placed = groups[key] {
                groups[key]?.state.restore(Array(placed.state.alerts.values), nextFlush: due)
                groups[key]?.ways += former
            } else if !former.isEmpty {
                groups[key] = group
                groups[key]?.ways = former
                formerKeys.insert(key)
            }
        }
        wake()
    }

    /// Forgets a group that has nothing more to tell, and what its receivers knew.
    func end(_ key: String, _ group: Group) {
        groups[key] = nil
        formerKeys.remove(key)
        for way in group.ways { forgetEntry(group: key, way.integration.id) }
    }

    /// Forgets what a receiver knew of a group, where that is over and told.
    func forgetEntry(group: String, _ integration: String) {
        let place = logKey(group, integration)
        guard groups[group] == nil, let entry = log[place], entry.firing.isEmpty,
            !outbox.contains(where: {
                $0.integration == integration && $0.message.stableKey == group
            })
        else { return }
        log[place] = nil
        changes.append(.remove(space: Space.log, key: place))
    }

    /// The integration of a delivery, be it only one that hears of ends.
    func integration(_ delivery: Delivery) -> Integration? {
        let isMeant: (Integration) -> Bool = { $0.id == delivery.integration }
        return integrations[delivery.message.receiver]?.first(where: isMeant)
            ?? formerIntegrations[delivery.integration]
    }

    private func ways(of node: RouteTree.Node) -> [Way] {
        (integrations[node.receiver] ?? []).map { Way(integration: $0) }
    }

    private func formerWays(of group: Group, key: String, beside ways: [Way]) -> [Way] {
        group.ways.filter { way in
            let knows = log[logKey(key, way.integration.id)]?.firing.isEmpty == false
            return knows && !ways.contains { $0.integration.id == way.integration.id }
        }.map { Way(integration: $0.integration, isFormer: true) }
    }

    /// Forgets at start what no group and no delivery needs, or nobody renewed for long.
    func forgetStaleEntries(now: Timestamp) {
        let needed = Set(outbox.map { logKey($0.message.stableKey, $0.integration) })
        let placed = Set(
            groups.flatMap { key, group in group.ways.map { logKey(key, $0.integration.id) } }
        )
        for (place, entry) in log where !needed.contains(place) && !placed.contains(place) {
            let age = now - Timestamp(milliseconds: entry.toldAtMs)
            guard entry.firing.isEmpty || age > Self.longestMemory else { continue }
            log[place] = nil
            changes.append(.remove(space: Space.log, key: place))
        }
    }
}
