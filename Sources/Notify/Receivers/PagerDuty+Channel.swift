// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPFetch
internal import Secrets
internal import SourceText

extension PagerDutyOptions: Channel {
    static let word = "pagerduty"
    /// 120 events a minute for a key.
    static let spacing = Duration.milliseconds(500)

    func expanded(by expand: (String?) async -> String?) async -> PagerDutyOptions {
        var copy = self
        copy.client = await expand(client)
        copy.clientURL = await expand(clientURL)
        copy.description = await expand(description)
        copy.severity = await expand(severity).map { severityWord($0) }
        copy.source = await expand(source)
        copy.eventClass = await expand(eventClass)
        copy.component = await expand(component)
        copy.group = await expand(group)
        for (name, text) in details {
            copy.details[name] = await expand(text) ?? ""
        }
        for (index, link) in links.enumerated() {
            copy.links[index].href = await expand(link.href) ?? ""
            copy.links[index].text = await expand(link.text) ?? ""
        }
        return copy
    }
}

extension PagerDutyOptions {
    private static var templates: [(String, WritableKeyPath<PagerDutyOptions, String?>)] {
        [
            ("client", \.client), ("client_url", \.clientURL), ("description", \.description),
            ("severity", \.severity), ("source", \.source), ("class", \.eventClass),
            ("component", \.component), ("group", \.group),
        ]
    }

    var record: JSONValue {
        var members: JSONValue = .members([
            "send_resolved": .bool(sendResolved),
            "routing_key": routingKey.record,
            "url": .string(url),
            "details": .texts(details.map { (key: $0.key, value: $0.value) }),
            "links": .array(links.map { .array([.string($0.href), .string($0.text)]) }),
            "timeout": timeout.map(JSONValue.length),
            "http": http.record,
        ])
        members.add(texts: Self.templates, of: self)
        return members
    }

    init?(record: JSONValue) {
        guard let key = Credential(record: record["routing_key"]) else { return nil }
        self.init(routingKey: key)
        sendResolved = record["send_resolved"]?.bool ?? true
        url = record["url"]?.string ?? url
        details = Dictionary(record["details"]?.textPairs ?? []) { $1 }
        links = (record["links"]?.array ?? []).map {
            PagerDutyLink(href: $0[0]?.string ?? "", text: $0[1]?.string ?? "")
        }
        timeout = record["timeout"]?.length
        http = HTTPOptions(record: record["http"])
        record.read(texts: Self.templates, into: &self)
    }
}
