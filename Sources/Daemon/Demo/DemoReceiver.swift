// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import Locking
internal import SourceText

/// Stands in for Slack and PagerDuty, which cannot be had here: takes what they would take, prints it,
/// and answers as they do.
final class DemoReceiver: Sendable {
    private struct State {
        /// For each alert that was told as firing, whether its end was told too.
        var told: [String: Bool] = [:]
    }

    private let state = Lock(State())
    private let terminal: DemoTerminal

    init(terminal: DemoTerminal) { self.terminal = terminal }

    /// Whether the alert was told as firing.
    func wasTold(_ alert: String) -> Bool { state.withLock { $0.told[alert] != nil } }

    /// Whether the end of the alert was told.
    func wasToldTheEnd(of alert: String) -> Bool { state.withLock { $0.told[alert] == true } }

    func respond(_ request: HTTPRequest) -> HTTPResponse {
        guard let body = try? JSONValue.parse(request.body) else {
            return .text(400, "invalid_payload")
        }
        if request.path == "/pagerduty" { return pagerduty(body) }
        let lines = slackLines(body)
        terminal.say("Slack message:", .notice)
        terminal.say(lines.map { "  | \($0)" }.joined(separator: "\n"))
        return .text(200, "ok")
    }

    private func pagerduty(_ event: JSONValue) -> HTTPResponse {
        let action = event["event_action"]?.string ?? ""
        let key = event["dedup_key"]?.string ?? ""
        let summary = event["payload"]?["summary"]?.string ?? ""
        terminal.say("PagerDuty \(action) \(key.prefix(16)): \(summary)", .notice)
        for fault in DemoFault.allCases where event.mentions(fault.alert) {
            state.withLock { $0.told[fault.alert] = action == "resolve" }
        }
        return HTTPResponse(
            202,
            [HTTPField("Content-Type", "application/json")],
            body: .bytes(Array("{\"status\": \"success\", \"dedup_key\": \"\(key)\"}".utf8))
        )
    }

    /// Every text of a Slack body, in reading order.
    private func slackLines(_ body: JSONValue) -> [String] {
        var lines: [String] = []
        func visit(_ value: JSONValue) {
            switch value {
            case .object(let members):
                for member in members {
                    let isText = ["text", "title", "fallback"].contains(member.key)
                    if isText, case .string(let text) = member.value {
                        lines += text.split(separator: "\n").map(String.init)
                    } else {
                        visit(member.value)
                    }
                }
            case .array(let items):
                for item in items { visit(item) }
            default:
                break
            }
        }
        visit(body)
        return lines
    }
}

extension JSONValue {
    /// Whether any text in it contains `word`.
    fileprivate func mentions(_ word: String) -> Bool {
        switch self {
        case .string(let text): text.split { !$0.isLetter }.contains { $0 == word }
        case .array(let items): items.contains { $0.mentions(word) }
        case .object(let members): members.contains { $0.value.mentions(word) }
        default: false
        }
    }
}
