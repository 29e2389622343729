// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Storage

/// The keys of groups over changes of the routes.
///
/// Where several routes agree in receiver and grouping, their matchers tell their groups apart; so a
/// route that comes or goes beside another would change the keys of the other's groups, and everybody
/// would be told anew. Such a group keeps the key under which somebody knows of it.
extension Pipeline {
    /// The key of a node's group.
    func key(of node: RouteTree.Node, _ labels: LabelSet) -> String {
        let key = node.stableKey(of: labels)
        if let earlier = earlierKeys[key] { return earlier }
        guard groups[key] == nil, let known = knownKeys[node.kin(of: labels)],
            !known.contains(key)
        else { return key }
        let now = tree.nodes.filter { $0.kin(of: labels) == node.kin(of: labels) }
            .map { $0.stableKey(of: labels) }
        let earlier = known.first { !now.contains($0) && !earlierKeys.values.contains($0) }
        guard let earlier else { return key }
        earlierKeys[key] = earlier
        changes.append(.put(space: Space.keys, key: key, value: Array(earlier.utf8)))
        return earlier
    }

    /// Before alerts are placed on other routes: notes what groups somebody knows of.
    func rememberKeys() {
        for (place, entry) in log where !entry.firing.isEmpty {
            guard let end = place.lastIndex(of: "|") else { continue }
            let key = String(place[..<end])
            guard knownKeys[entry.kin]?.contains(key) != true else { continue }
            knownKeys[entry.kin, default: []].append(key)
        }
        for kin in knownKeys.keys { knownKeys[kin]?.sort() }
        let known = Set(knownKeys.values.flatMap(\.self))
        for (key, earlier) in earlierKeys where !known.contains(earlier) || known.contains(key) {
            earlierKeys[key] = nil
            changes.append(.remove(space: Space.keys, key: key))
        }
    }

    /// After alerts were placed.
    func forgetKeys() { knownKeys = [:] }

    /// Forgets that a group that is gone stood for others.
    func forgetKey(_ key: String) {
        for (current, earlier) in earlierKeys where earlier == key {
            earlierKeys[current] = nil
            changes.append(.remove(space: Space.keys, key: current))
        }
    }
}
