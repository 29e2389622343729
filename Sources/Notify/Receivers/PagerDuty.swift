// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import CivilTime
internal import HTTPFetch
internal import Samples
internal import Secrets
internal import SourceText

extension PagerDutyOptions {
    /// The most scalars of a summary.
    static let longestSummary = 1_024
    /// The most alerts that are told one by one: an event may have 512 KB.
    static let mostAlerts = 50

    /// The request of an attempt (Events API v2).
    ///
    /// - Throws: where a secret cannot be read.
    func request(
        _ message: Message,
        _ attempt: Attempt
    ) throws -> HTTPFetchRequest {
        let key = try routingKey.secret().reveal()
        let event = event(message, key: key, externalURL: attempt.externalURL)
        return try http.post(event.bytes, to: url, id: message.deliveryID, attempt)
    }

    /// The event; its `dedup_key` stays the same when a route moves.
    func event(_ message: Message, key: String, externalURL: String) -> JSONValue {
        let subject = message.firing.first ?? message.alerts.first
        let labels = subject?.labels ?? .empty
        let places = ["instance", "server", "endpoint", "cluster", "service"]
        let place = places.lazy.map { labels[$0] }.first { !$0.isEmpty }
        let began = message.alerts.map(\.activeAt).min() ?? message.createdAt
        let shownClient = fixed(client) ?? "Nightjar"
        let sourceText = fixed(source) ?? place ?? shownClient
        return .members([
            "routing_key": .string(key),
            "event_action": .string(message.isFiring ? "trigger" : "resolve"),
            "dedup_key": .string(hexadecimal(sha256(Array(message.stableKey.utf8)))),
            "client": .string(shownClient),
            "client_url": .filled(fixed(clientURL) ?? externalURL),
            "payload": .members([
                "summary": .string(
                    cut(fixed(description) ?? message.headline, to: Self.longestSummary)
                ),
                "source": .string(cut(sourceText, to: 255)),
                "severity": .string(fixed(severity) ?? severityWord(labels["severity"])),
                "timestamp": .string(rfc3339(milliseconds: began.milliseconds)),
                "class": .filled(fixed(eventClass) ?? subject?.name),
                "component": .filled(fixed(component) ?? labels["service"]),
                "group": .filled(fixed(group) ?? labels["cluster"]),
                "custom_details": detailsForm(message),
            ]),
            "links": .array(linksForm(message, externalURL)),
        ])
    }

    private func detailsForm(_ message: Message) -> JSONValue {
        var members: [JSONValue.Member] = []
        func add(_ key: String, _ value: JSONValue?) {
            if let value { members.append(JSONValue.Member(key: key, value: value)) }
        }
        add("num_firing", .string("\(message.firing.count)"))
        add("num_resolved", .string("\(message.resolved.count)"))
        add("firing", .filled(list(message.firing, message)))
        add("resolved", .filled(list(message.resolved, message)))
        if let alert = message.firing.first ?? message.alerts.first {
            let text = AlertText(alert, now: message.createdAt)
            add("since", .filled(text.since))
            add("value", .filled(text.value))
            add("impact", .filled(text.impact))
            add("evidence", .filled(text.evidence.joined(separator: "\n")))
            add("first_step", .filled(text.firstStep))
        }
        add("delivery_id", .string(message.deliveryID))
        for (name, text) in details.sorted(by: { $0.key < $1.key }) {
            add(name, .filled(fixed(text)))
        }
        return .object(members)
    }

    private func list(_ alerts: [Alert], _ message: Message) -> String {
        var lines = alerts.prefix(Self.mostAlerts).map { alert in
            let text = AlertText(alert, now: message.createdAt)
            let parts = [text.what, text.place, text.since, text.value].filter { !$0.isEmpty }
            return cut("- " + parts.joined(separator: "; "), to: 2_000)
        }
        let rest = alerts.count - lines.count
        if rest > 0 { lines.append("and \(rest) more") }
        return lines.joined(separator: "\n")
    }

    private func linksForm(_ message: Message, _ externalURL: String) -> [JSONValue] {
        let own = links.compactMap { link -> JSONValue? in
            guard let href = fixed(link.href) else { return nil }
            return .members(["href": .string(href), "text": .filled(fixed(link.text))])
        }
        guard let alert = message.firing.first ?? message.alerts.first else { return own }
        let known = AlertText(alert, now: message.createdAt, externalURL: externalURL).links
        return own + known.map { .members(["href": .string($0.url), "text": .string($0.name)]) }
    }
}
