// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking

/// When each alert took each of its steps, for the summary; all of a step's ways must have come.
final class DemoDiary: Sendable {
    /// The steps, in their order.
    enum Step: String, CaseIterable {
        case pending
        case firing
        case delivered
        case resolved
        case endDelivered = "end delivered"
    }

    /// The receivers' ways that must all have told an alert.
    static let ways: Set = ["Slack", "PagerDuty"]

    private struct Entry {
        var times: [Step: String] = [:]
        var told: [Step: Set<String>] = [:]
    }

    private let entries = Lock<[String: Entry]>([:])

    /// Notes a step; its first time counts.
    func note(_ alert: String, _ step: Step, at time: String) {
        entries.withLock { entries in
            if entries[alert, default: Entry()].times[step] == nil {
                entries[alert, default: Entry()].times[step] = time
            }
        }
    }

    /// Notes that a way told of an alert's beginning or end.
    func tell(_ alert: String, isEnd: Bool, by way: String, at time: String) {
        let step = isEnd ? Step.endDelivered : .delivered
        let isComplete = entries.withLock { entries in
            entries[alert, default: Entry()].told[step, default: []].insert(way)
            return entries[alert]?.told[step] == Self.ways
        }
        if isComplete { note(alert, step, at: time) }
    }

    /// Whether an alert took a step.
    func has(_ alert: String, _ step: Step) -> Bool {
        entries.withLock { $0[alert]?.times[step] != nil }
    }

    /// A row an alert, a column a step.
    func summary(of alerts: [String]) -> [[String]] {
        let entries = entries.withLock { $0 }
        let rows = alerts.map { alert in
            [alert] + Step.allCases.map { entries[alert]?.times[$0] ?? "-" }
        }
        return [["alert"] + Step.allCases.map(\.rawValue)] + rows
    }
}
