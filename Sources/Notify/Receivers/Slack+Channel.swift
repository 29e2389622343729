// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPFetch
internal import Secrets
internal import SourceText

extension SlackOptions: Channel {
    static let word = "slack"
    /// One message a second for a channel.
    static let spacing = Duration.seconds(1)

    /// Errors of Slack's API come with status 200 and `ok: false`.
    func verdict(on answer: Answer) -> Verdict {
        guard let document = try? JSONValue.parse(answer.body), let isOk = document["ok"]?.bool
        else {
            return Verdict(status: answer.status, retryAfter: answer.retryAfter)
        }
        guard answer.status / 100 == 2 else {
            return Verdict(status: answer.status, retryAfter: answer.retryAfter)
        }
        if isOk {
            var verdict = Verdict(.delivered)
            verdict.slackChannel = document["channel"]?.string
            verdict.slackTime = document["ts"]?.string
            return verdict
        }
        let word = document["error"]?.string ?? "unknown"
        switch word {
        case "ratelimited", "rate_limited":
            return Verdict(.failed(retryAfter: answer.retryAfter), .rateLimited, word)
        case "internal_error", "fatal_error", "service_unavailable", "request_timeout":
            return Verdict(.failed(retryAfter: answer.retryAfter), .serverError, word)
        case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive":
            return Verdict(.refused, .auth, word)
        default:
            return Verdict(.refused, .clientError, word)
        }
    }

    func expanded(by expand: (String?) async -> String?) async -> SlackOptions {
        var copy = self
        copy.channel = await expand(channel) ?? ""
        copy.username = await expand(username) ?? ""
        copy.iconEmoji = await expand(iconEmoji) ?? ""
        copy.iconURL = await expand(iconURL) ?? ""
        copy.messageText = await expand(messageText)
        copy.title = await expand(title)
        copy.titleLink = await expand(titleLink)
        copy.pretext = await expand(pretext)
        copy.text = await expand(text)
        copy.fallback = await expand(fallback)
        copy.color = await expand(color)
        copy.footer = await expand(footer)
        for (index, field) in fields.enumerated() {
            copy.fields[index].title = await expand(field.title) ?? ""
            copy.fields[index].value = await expand(field.value) ?? ""
        }
        return copy
    }
}

extension SlackOptions {
    private static var texts: [(String, WritableKeyPath<SlackOptions, String>)] {
        [
            ("app_url", \.appURL), ("channel", \.channel), ("username", \.username),
            ("icon_emoji", \.iconEmoji), ("icon_url", \.iconURL),
        ]
    }

    private static var templates: [(String, WritableKeyPath<SlackOptions, String?>)] {
        [
            ("message_text", \.messageText), ("title", \.title), ("title_link", \.titleLink),
            ("pretext", \.pretext), ("text", \.text), ("fallback", \.fallback),
            ("color", \.color), ("footer", \.footer),
        ]
    }

    var record: JSONValue {
        var members: JSONValue = .members([
            "send_resolved": .bool(sendResolved),
            "api_url": apiURL?.record,
            "app_token": appToken?.record,
            "link_names": .bool(linkNames),
            "update_message": .bool(updateMessage),
            "timeout": timeout.map(JSONValue.length),
            "http": http.record,
            "fields": .array(
                fields.map {
                    .array([.string($0.title), .string($0.value), .bool($0.isShort)])
                }
            ),
        ])
        members.add(texts: Self.texts, of: self)
        members.add(texts: Self.templates, of: self)
        return members
    }

    init?(record: JSONValue) {
        self.init()
        sendResolved = record["send_resolved"]?.bool ?? false
        apiURL = Credential(record: record["api_url"])
        appToken = Credential(record: record["app_token"])
        linkNames = record["link_names"]?.bool ?? false
        updateMessage = record["update_message"]?.bool ?? false
        timeout = record["timeout"]?.length
        http = HTTPOptions(record: record["http"])
        fields = (record["fields"]?.array ?? []).map { field in
            SlackField(
                title: field[0]?.string ?? "",
                value: field[1]?.string ?? "",
                isShort: field[2]?.bool ?? false
            )
        }
        record.read(texts: Self.texts, into: &self)
        record.read(texts: Self.templates, into: &self)
        guard apiURL != nil || appToken != nil else { return nil }
    }
}
