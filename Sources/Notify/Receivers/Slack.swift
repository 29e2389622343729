// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import HTTPFetch
internal import Samples
internal import Secrets
internal import SourceText

extension SlackOptions {
    /// The most scalars of a section's text.
    static let longestSection = 3_000
    /// The most scalars of all sections; more is refused as `msg_blocks_too_long` from about 13,200.
    static let longestMessage = 12_000
    /// The most alerts that are told one by one.
    static let mostAlerts = 10

    /// The request of an attempt: a post, or the edit of the message that is there already.
    ///
    /// - Throws: where a secret cannot be read.
    func request(
        _ message: Message,
        _ attempt: Attempt
    ) throws -> HTTPFetchRequest {
        var body = body(message, externalURL: attempt.externalURL)
        guard let appToken else {
            let address = try apiURL?.secret().reveal() ?? ""
            return try http.post(body.bytes, to: address, id: message.deliveryID, attempt)
        }
        var address = appURL
        if updateMessage, let time = attempt.slackTime, let place = attempt.slackChannel {
            address = editURL
            body = body.replacing("channel", .string(place)).replacing("ts", .string(time))
        }
        var request = try http.post(body.bytes, to: address, id: message.deliveryID, attempt)
        request.authorization = .bearer(try appToken.secret())
        return request
    }

    /// The address of edits, beside that of posts.
    var editURL: String {
        let ending = "/chat.postMessage"
        return appURL.hasSuffix(ending)
            ? appURL.dropLast(ending.count) + "/chat.update" : appURL
    }

    /// The message: what is wrong first, then for each alert where, since when, the value, whom it
    /// hits, the evidence, the first step and the links.
    func body(_ message: Message, externalURL: String) -> JSONValue {
        let hasOwnText = [title, text, pretext].contains { fixed($0) != nil }
        let content =
            hasOwnText
            ? plainAttachment(message, externalURL) : blockAttachment(message, externalURL)
        return .members([
            "channel": .filled(fixed(channel)),
            "username": .filled(fixed(username)),
            "icon_emoji": .filled(fixed(iconEmoji)),
            "icon_url": .filled(fixed(iconURL)),
            "link_names": linkNames ? .bool(true) : nil,
            "text": .string(
                fixed(messageText)
                    ?? cut(escaped("\(mark(message)) \(message.headline)"), to: 1_000)
            ),
            "attachments": .array([content]),
        ])
    }

    private func mark(_ message: Message) -> String {
        guard message.isFiring else { return ":large_green_circle:" }
        let isCritical = message.firing.contains {
            severityWord($0.labels["severity"]) == "critical"
        }
        return isCritical ? ":red_circle:" : ":large_orange_circle:"
    }

    private func colorWord(_ message: Message) -> String {
        fixed(color) ?? (message.isFiring ? "danger" : "good")
    }

    private func plainAttachment(_ message: Message, _ externalURL: String) -> JSONValue {
        let summary = cut(fixed(title) ?? message.headline, to: 1_024)
        return .members([
            "color": .string(colorWord(message)),
            "fallback": .string(fixed(fallback) ?? summary),
            "pretext": .filled(fixed(pretext)),
            "title": .string(summary),
            "title_link": .filled(fixed(titleLink) ?? externalURL),
            "text": .filled(fixed(text).map { cut($0, to: 8_000) }),
            "footer": .filled(fixed(footer)),
            "fields": fields.isEmpty ? nil : .array(fields.prefix(10).map(fieldForm)),
            "mrkdwn_in": .array([.string("pretext"), .string("text"), .string("fallback")]),
        ])
    }

    private func fieldForm(_ field: SlackField) -> JSONValue {
        .members([
            "title": .string(fixed(field.title) ?? field.title),
            "value": .string(fixed(field.value) ?? field.value),
            "short": .bool(field.isShort),
        ])
    }

    private func blockAttachment(_ message: Message, _ externalURL: String) -> JSONValue {
        var blocks: [JSONValue] = []
        var left = Self.longestMessage
        var told = 0
        let ordered = message.firing + message.resolved
        for alert in ordered.prefix(Self.mostAlerts) {
            let text = section(alert, message, externalURL)
            guard text.unicodeScalars.count <= left else { break }
            left -= text.unicodeScalars.count
            told += 1
            blocks.append(.members(["type": .string("section"), "text": mrkdwn(text)]))
        }
        var note = message.reason == .first ? "" : message.reason.rawValue
        if told < ordered.count {
            let more = "and \(ordered.count - told) more"
            note = externalURL.isEmpty ? more : "<\(externalURL)/#/alerts|\(more)>"
        }
        if !note.isEmpty {
            blocks.append(
                .members(["type": .string("context"), "elements": .array([mrkdwn(note)])])
            )
        }
        return .members([
            "color": .string(colorWord(message)),
            "fallback": .string(cut(escaped(message.headline), to: 1_000)),
            "blocks": .array(blocks),
        ])
    }

    private func mrkdwn(_ text: String) -> JSONValue {
        .members(["type": .string("mrkdwn"), "text": .string(text)])
    }

    /// One alert in at most the scalars of a section; the links stay whole.
    private func section(_ alert: Alert, _ message: Message, _ externalURL: String) -> String {
        let text = AlertText(alert, now: message.createdAt, externalURL: externalURL)
        let state = alert.endsAt != nil && message.isFiring ? "Resolved: " : ""
        let what = cut(escaped(state + text.what), to: 600)
        var lines = ["*\(what)*"]
        lines += text.lines.map { "*\($0.name):* \(cut(escaped($0.text), to: 600))" }
        let links = text.links.map { "<\(escaped($0.url))|\($0.name)>" }
            .filter { $0.unicodeScalars.count < 800 }.joined(separator: " · ")
        let room = Self.longestSection - links.unicodeScalars.count - 1
        let body = cut(lines.joined(separator: "\n"), to: room)
        return links.isEmpty ? body : "\(body)\n\(links)"
    }
}

/// Slack's three letters: `&`, `<` and `>` and nothing else are escaped.
func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

extension JSONValue {
    /// A copy of an object with a member set, at the end where it was missing.
    func replacing(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.key != key } + [Member(key: key, value: value)])
    }
}
