// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import Samples
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
            let key = key(of: node, labels)
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

    /// Forgets a group that has nothing more to tell, and what its receivers knew.
    func end(_ key: String, _ group: Group) {
        groups[key] = nil
        formerKeys.remove(key)
        forgetKey(key)
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
        forgetFormer(place)
    }

    private func ways(of node: RouteTree.Node) -> [Way] {
        (integrations[node.receiver] ?? []).map { Way(integration: $0) }
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
