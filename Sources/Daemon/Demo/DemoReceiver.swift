// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import SourceText

/// Stands in for Slack and PagerDuty, which cannot be had here: takes what they would take, prints
/// it, and answers as they do.
final class DemoReceiver: Sendable {
    private let terminal: DemoTerminal
    private let diary: DemoDiary

    init(terminal: DemoTerminal, diary: DemoDiary) {
        self.terminal = terminal
        self.diary = diary
    }

    func respond(_ request: HTTPRequest) -> HTTPResponse {
        guard let body = try? JSONValue.parse(request.body) else {
            return .text(400, "invalid_payload")
        }
        return request.path == "/pagerduty" ? pagerduty(body) : slack(body)
    }

    private func pagerduty(_ event: JSONValue) -> HTTPResponse {
        let action = event["event_action"]?.string ?? ""
        let key = event["dedup_key"]?.string ?? ""
        let summary = event["payload"]?["summary"]?.string ?? ""
        let isEnd = action == "resolve"
        let below = ["dedup_key \(key.prefix(16))"]
        terminal.row("PagerDuty", action, summary, isEnd ? .good : .notice, below: below)
        note(event, isEnd: isEnd, by: "PagerDuty")
        return HTTPResponse(
            202,
            [HTTPField("Content-Type", "application/json")],
            body: .bytes(Array("{\"status\": \"success\", \"dedup_key\": \"\(key)\"}".utf8))
        )
    }

    private func slack(_ body: JSONValue) -> HTTPResponse {
        let head = body["text"]?.string ?? ""
        let isEnd = head.contains("[RESOLVED]")
        let lines = texts(of: body["attachments"] ?? body["blocks"] ?? .null)
            .flatMap { $0.split(separator: "\n") }
            .map { Self.plain(String($0)) }
            .filter { line in !Self.plain(head).contains(line) && !line.contains(Self.plain(head)) }
        terminal.row(
            "Slack",
            isEnd ? "resolved" : "firing",
            Self.plain(head),
            isEnd ? .good : .notice,
            below: lines
        )
        note(body, isEnd: isEnd, by: "Slack")
        return .text(200, "ok")
    }

    private func note(_ body: JSONValue, isEnd: Bool, by way: String) {
        for fault in DemoFault.allCases where body.mentions(fault.alert) {
            diary.tell(fault.alert, isEnd: isEnd, by: way, at: terminal.time)
        }
    }

    /// Every text of blocks, in reading order.
    private func texts(of value: JSONValue) -> [String] {
        switch value {
        case .object(let members):
            members.flatMap { member -> [String] in
                if member.key == "text", case .string(let text) = member.value { return [text] }
                return texts(of: member.value)
            }
        case .array(let items): items.flatMap(texts)
        default: []
        }
    }

    /// Slack's markup as a terminal shows it: `<URL|name>` by its name, no stars, no entities.
    private static func plain(_ markup: String) -> String {
        var result = ""
        var rest = Substring(markup)
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            result += rest[..<open]
            let link = rest[rest.index(after: open)..<close]
            result += link.split(separator: "|").last ?? ""
            rest = rest[rest.index(after: close)...]
        }
        result += rest
        for (entity, character) in [("&gt;", ">"), ("&lt;", "<"), ("&amp;", "&"), ("*", "")] {
            result = result.replacingAll(entity, by: character)
        }
        return result
    }
}

extension String {
    /// The text with each `part` replaced; the standard library's own needs string processing.
    fileprivate func replacingAll(_ part: String, by other: String) -> String {
        var result = ""
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(part) {
                result += other
                rest = rest.dropFirst(part.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result
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
