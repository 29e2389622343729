// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// The routing tree, resolved: every node knows its receiver, its grouping and its timers.
///
/// Source: Alertmanager, dispatch/route.go.
public struct RouteTree: Sendable {
    /// A node with everything it inherits.
    public struct Node: Sendable {
        /// Its place in `nodes`.
        public let index: Int
        /// The matchers from the root down, as Alertmanager's group keys begin.
        public let key: String
        /// Who is told.
        public let receiver: String
        /// The labels that tell groups apart, sorted; nil for all labels.
        public let groupBy: [String]?
        /// What tells it from other nodes with this receiver and grouping; empty where it is alone.
        public fileprivate(set) var distinction = ""
        /// How long a new group waits for more alerts.
        public let groupWait: Duration
        /// How long a group waits before it tells of changes.
        public let groupInterval: Duration
        /// After how long an unchanged group is told again.
        public let repeatInterval: Duration
        /// The times that mute.
        public let muteTimeIntervals: [String]
        /// The times outside of which it is muted, where there are any.
        public let activeTimeIntervals: [String]
        fileprivate let matchers: [Matcher]
        fileprivate let continues: Bool
        fileprivate var children: [Int] = []

        /// The labels by which an alert's group is known.
        public func groupLabels(of labels: LabelSet) -> LabelSet {
            guard let groupBy else { return labels }
            return labels.keeping(Set(groupBy.map { Symbol($0) }))
        }

        /// The text that stands for a group, wherever its route is moved.
        ///
        /// It is made of the receiver, the grouping and the labels. Only where two nodes agree in
        /// these do their own matchers count, never those of parents: moving a route orphans no
        /// incident and tells nobody twice.
        public func stableKey(of groupLabels: LabelSet) -> String {
            "\(kinship)/\(distinction):\(groupLabels)"
        }

        /// The stable key without what tells this node from others: the same over their changes.
        func kin(of groupLabels: LabelSet) -> String { "\(kinship):\(groupLabels)" }

        private var kinship: String {
            "\(receiver)/\(groupBy?.joined(separator: ",") ?? "...")"
        }

        /// A node that no tree has any longer, for ends that are still to be told.
        static func former(receiver: String, key: String, groupInterval: Duration) -> Node {
            Node(
                index: -1,
                key: key,
                receiver: receiver,
                groupBy: nil,
                groupWait: .zero,
                groupInterval: groupInterval,
                repeatInterval: .zero,
                muteTimeIntervals: [],
                activeTimeIntervals: [],
                matchers: [],
                continues: false
            )
        }

        /// Alertmanager's group key: the route's matchers and the group's labels.
        public func groupKey(of groupLabels: LabelSet) -> String { "\(key):\(groupLabels)" }
    }

    /// All nodes, the root first, parents before children.
    public private(set) var nodes: [Node] = []

    /// Resolves a tree; the root's receiver is empty where it names none.
    public init(_ root: Route) {
        let inherited = Inherited(
            key: "",
            receiver: "",
            groupBy: [],
            groupWait: .seconds(30),
            groupInterval: .seconds(300),
            repeatInterval: .seconds(4 * 3_600)
        )
        _ = add(root, inherited)
        distinguish()
    }

    /// The nodes that take an alert: the deepest that match, in the tree's order.
    public func nodes(for labels: LabelSet) -> [Node] { matches(0, labels).map { nodes[$0] } }

    private struct Inherited {
        var key: String
        var receiver: String
        var groupBy: [String]?
        var groupWait: Duration
        var groupInterval: Duration
        var repeatInterval: Duration

        init(
            key: String,
            receiver: String,
            groupBy: [String]?,
            groupWait: Duration,
            groupInterval: Duration,
            repeatInterval: Duration
        ) {
            self.key = key
            self.receiver = receiver
            self.groupBy = groupBy
            self.groupWait = groupWait
            self.groupInterval = groupInterval
            self.repeatInterval = repeatInterval
        }

        init(_ parent: Inherited, _ route: Route) {
            let matchers = "{" + route.matchers.map(\.description).joined(separator: ",") + "}"
            key = parent.key.isEmpty ? matchers : parent.key + "/" + matchers
            receiver = route.receiver ?? parent.receiver
            groupBy = parent.groupBy
            if let names = route.groupBy { groupBy = names == ["..."] ? nil : names.sorted() }
            groupWait = route.groupWait ?? parent.groupWait
            groupInterval = route.groupInterval ?? parent.groupInterval
            repeatInterval = route.repeatInterval ?? parent.repeatInterval
        }
    }

    private mutating func add(_ route: Route, _ parent: Inherited) -> Int {
        let own = Inherited(parent, route)
        let index = nodes.count
        nodes.append(
            Node(
                index: index,
                key: own.key,
                receiver: own.receiver,
                groupBy: own.groupBy,
                groupWait: own.groupWait,
                groupInterval: own.groupInterval,
                repeatInterval: own.repeatInterval,
                muteTimeIntervals: route.muteTimeIntervals,
                activeTimeIntervals: route.activeTimeIntervals,
                matchers: route.matchers,
                continues: route.continues
            )
        )
        let children = route.routes.map { add($0, own) }
        nodes[index].children = children
        return index
    }

    /// Gives nodes that share receiver and grouping a distinction of their own matchers.
    private mutating func distinguish() {
        let alike = Dictionary(grouping: nodes.indices) { index in
            "\(nodes[index].receiver)/\(nodes[index].groupBy?.joined(separator: ",") ?? "...")"
        }
        for indices in alike.values where indices.count > 1 {
            var uses: [String: Int] = [:]
            for index in indices.sorted() {
                let own = nodes[index].matchers.map(\.description).sorted().joined(separator: ",")
                let use = uses[own, default: 0]
                uses[own] = use + 1
                nodes[index].distinction = "{\(own)}" + (use == 0 ? "" : "#\(use)")
            }
        }
    }

    private func matches(_ index: Int, _ labels: LabelSet) -> [Int] {
        let node = nodes[index]
        guard node.matchers.allSatisfy({ $0.matches(labels) }) else { return [] }
        var result: [Int] = []
        for child in node.children {
            let found = matches(child, labels)
            result += found
            if !found.isEmpty, !nodes[child].continues { break }
        }
        return result.isEmpty ? [index] : result
    }
}
