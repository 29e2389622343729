// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Notify
import Samples
import Testing

@Suite struct RouteTreeTests {
    static let database = Route(
        receiver: "database",
        matchers: [Matcher("team", equals: "db")],
        routes: [Route(receiver: "pager", matchers: [Matcher("severity", equals: "critical")])]
    )
    static let root = Route(
        receiver: "default",
        groupBy: ["alertname"],
        routes: [
            Route(
                receiver: "audit",
                matchers: [Matcher("audit", equals: "yes")],
                continues: true,
                groupBy: ["..."]
            ),
            database,
            Route(receiver: "late", matchers: [Matcher("team", equals: "db")]),
        ]
    )

    func receivers(_ labels: LabelSet) -> [String] {
        RouteTree(Self.root).nodes(for: labels).map(\.receiver)
    }

    @Test func `the deepest node wins, and the root takes the rest`() {
        #expect(receivers(["team": "web"]) == ["default"])
        #expect(receivers(["team": "db"]) == ["database"])
        #expect(receivers(["team": "db", "severity": "critical"]) == ["pager"])
    }

    @Test func `siblings are asked only after one that continues`() {
        #expect(receivers(["audit": "yes", "team": "db"]) == ["audit", "database"])
    }

    @Test func `timers and grouping are inherited`() throws {
        let node = try #require(RouteTree(Self.root).nodes(for: ["team": "db"]).first)
        #expect(node.groupWait == .seconds(30))
        #expect(node.groupInterval == .seconds(300))
        #expect(node.repeatInterval == .seconds(14_400))
        #expect(node.groupLabels(of: ["alertname": "A", "team": "db"]) == ["alertname": "A"])
    }

    @Test func `three dots group by all labels`() throws {
        let labels: LabelSet = ["alertname": "A", "audit": "yes"]
        let node = try #require(RouteTree(Self.root).nodes(for: labels).first)
        #expect(node.groupLabels(of: labels) == labels)
    }

    @Test func `the key of a group does not change when its route moves`() throws {
        var moved = Self.root
        moved.routes = [
            Route(matchers: [try Matcher("region", .notEqual, "mars")], routes: [Self.database])
        ]
        let labels: LabelSet = ["alertname": "A", "team": "db", "severity": "critical"]
        let before = try #require(RouteTree(Self.root).nodes(for: labels).first)
        let after = try #require(RouteTree(moved).nodes(for: labels).first)
        let group = before.groupLabels(of: labels)
        #expect(before.key != after.key)
        #expect(before.stableKey(of: group) == after.stableKey(of: group))
    }

    @Test func `routes that agree in receiver and grouping have distinct keys in any order`() {
        let a = Route(receiver: "x", matchers: [Matcher("a", equals: "1")])
        let b = Route(receiver: "x", matchers: [Matcher("b", equals: "1")])
        func keys(_ routes: [Route]) -> [String] {
            RouteTree(Route(receiver: "root", routes: routes)).nodes.dropFirst()
                .map { $0.stableKey(of: .empty) }
        }
        #expect(Set(keys([a, b])).count == 2)
        #expect(keys([a, b]) == keys([b, a]).reversed())
    }

    @Test func `the older keys become matchers`() throws {
        let matchers = try Route.matchers(match: ["a": "1"], matchExpressions: ["b": "x|y"])
        #expect(matchers.map(\.description) == ["a=\"1\"", "b=~\"x|y\""])
        #expect(throws: RegularExpressionError.self) {
            try Route.matchers(match: [:], matchExpressions: ["b": "("])
        }
    }
}
