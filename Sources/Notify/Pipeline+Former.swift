// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
public import Samples
internal import SourceText
internal import Storage

/// Receivers that a change of the configuration left with something open, and the end of that.
extension Pipeline {
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
        rememberKeys()
        for alert in alerts.values { place(alert, now: now) }
        forgetKeys()
        for (key, group) in before {
            let former = formerWays(of: group, key: key, beside: groups[key]?.ways ?? [])
            for way in former { keepFormer(way.integration, of: group, key: key) }
            if let due = group.state.nextFlush, let placed = groups[key] {
                groups[key]?.state.restore(Array(placed.state.alerts.values), nextFlush: due)
                groups[key]?.ways += former
            } else if !former.isEmpty {
                groups[key] = group
                groups[key]?.ways = former
                formerKeys.insert(key)
            }
        }
        for place in formerPlaces where !isFormer(place) { forgetFormer(place) }
        wake()
    }

    /// The integration of a delivery, be it only one that hears of ends.
    func integration(_ delivery: Delivery) -> Integration? {
        let isMeant: (Integration) -> Bool = { $0.id == delivery.integration }
        return integrations[delivery.message.receiver]?.first(where: isMeant)
            ?? formerIntegrations[delivery.integration]
    }

    private func formerWays(of group: Group, key: String, beside ways: [Way]) -> [Way] {
        group.ways.filter { way in
            let knows = log[logKey(key, way.integration.id)]?.firing.isEmpty == false
            return knows && !ways.contains { $0.integration.id == way.integration.id }
        }.map { Way(integration: $0.integration, isFormer: true) }
    }

    /// Whether a place of the log is that of a former integration which still is to hear something.
    private func isFormer(_ place: String) -> Bool {
        let isGroup = groups.contains { key, group in
            group.ways.contains { $0.isFormer && logKey(key, $0.integration.id) == place }
        }
        return isGroup
            || outbox.contains { logKey($0.message.stableKey, $0.integration) == place }
    }

    private func keepFormer(_ integration: Integration, of group: Group, key: String) {
        let place = logKey(key, integration.id)
        formerIntegrations[integration.id] = integration
        formerPlaces.insert(place)
        let record: JSONValue = .members([
            "integration": integration.record,
            "group": .string(key),
            "labels": .texts(group.labels.pairs.map { (key: $0.name, value: $0.value) }),
            "receiver": .string(group.node.receiver),
            "routes": .string(group.node.key),
            "interval": .length(group.node.groupInterval),
        ])
        changes.append(.put(space: Space.former, key: place, value: record.bytes))
    }

    /// Forgets a former integration at a place of the log, where it is one.
    func forgetFormer(_ place: String) {
        guard formerPlaces.remove(place) != nil else { return }
        changes.append(.remove(space: Space.former, key: place))
    }

    /// Takes up what `keepFormer` kept, unless the configuration names that integration again.
    func restoreFormer(_ place: String, _ value: [UInt8], _ now: Timestamp) {
        formerPlaces.insert(place)
        guard let record = try? JSONValue.parse(value),
            let integration = record["integration"].flatMap(Integration.init(record:)),
            let key = record["group"]?.string,
            groups[key]?.ways.contains(where: { $0.integration.id == integration.id }) != true
        else { return forgetFormer(place) }
        formerIntegrations[integration.id] = integration
        let known = log[place]?.firing ?? []
        guard !known.isEmpty else {
            if !isFormer(place) { forgetFormer(place) }
            return
        }
        let way = Way(integration: integration, isFormer: true)
        if groups[key] != nil {
            groups[key]?.ways.append(way)
            return
        }
        let interval = record["interval"]?.length ?? options.resolveTimeout
        let node = RouteTree.Node.former(
            receiver: record["receiver"]?.string ?? integration.receiver,
            key: record["routes"]?.string ?? "",
            groupInterval: interval
        )
        var group = Group(
            node: node,
            labels: LabelSet(record["labels"]?.textPairs ?? []),
            ways: [way]
        )
        let open = alerts.values.filter { known.contains($0.fingerprint) }
        group.state.restore(open, nextFlush: now + interval)
        groups[key] = group
        formerKeys.insert(key)
    }
}
