// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import Samples
internal import Templates

/// Expands the texts of a configuration with the data of one message.
struct MessageTemplates: Sendable {
    let data: TemplateValue
    let functions: TemplateFunctions
    let library: TemplateLibrary

    init(_ message: Message, externalURL: String, library: TemplateLibrary) {
        data = message.templateData(externalURL: externalURL)
        functions = TemplateFunctions(now: message.createdAt, externalURL: externalURL)
        self.library = library
    }

    /// The text, expanded where it is a template; nil where that fails, so that our own text counts.
    ///
    /// A message with a plain text is better than none.
    func expand(_ text: String?) async -> String? {
        guard let text, fixed(text) == nil, !text.isEmpty else { return text }
        guard let template = try? Template(parsing: text, name: "receiver", library: library)
        else { return nil }
        return try? await template.expand(data, functions: functions)
    }
}

extension Message {
    /// Alertmanager's data of templates.
    ///
    /// Source: Alertmanager, template: `Data`.
    func templateData(externalURL: String) -> TemplateValue {
        .object([
            "Receiver": .string(receiver),
            "Status": .string(status),
            "Alerts": .list(alerts.map(\.templateForm)),
            "GroupLabels": .labels(groupLabels),
            "CommonLabels": .labels(commonLabels),
            "CommonAnnotations": .strings(commonAnnotations),
            "ExternalURL": .string(externalURL),
            "NotificationReason": .string(reason.rawValue),
        ])
    }
}

extension Alert {
    fileprivate var templateForm: TemplateValue {
        .object([
            "Status": .string(endsAt == nil ? "firing" : "resolved"),
            "Labels": .labels(labels),
            "Annotations": .strings(annotations),
            "StartsAt": .time(startsAt, zone: "UTC"),
            "EndsAt": .time(endsAt ?? Timestamp(milliseconds: -62_135_596_800_000), zone: "UTC"),
            "GeneratorURL": .string(generatorURL),
            "Fingerprint": .string(fingerprintText),
            "Value": .float(value),
        ])
    }
}

extension Integration {
    /// A copy whose texts are expanded.
    func expanded(by templates: MessageTemplates) async -> Integration {
        switch kind {
        case .slack(let options):
            Integration(
                receiver: receiver,
                index: index,
                kind: .slack(await options.expanded(by: templates))
            )
        case .pagerDuty(let options):
            Integration(
                receiver: receiver,
                index: index,
                kind: .pagerDuty(await options.expanded(by: templates))
            )
        case .webhook: self
        }
    }
}

extension SlackOptions {
    fileprivate func expanded(by templates: MessageTemplates) async -> SlackOptions {
        var copy = self
        copy.channel = await templates.expand(channel) ?? ""
        copy.username = await templates.expand(username) ?? ""
        copy.iconEmoji = await templates.expand(iconEmoji) ?? ""
        copy.iconURL = await templates.expand(iconURL) ?? ""
        copy.messageText = await templates.expand(messageText)
        copy.title = await templates.expand(title)
        copy.titleLink = await templates.expand(titleLink)
        copy.pretext = await templates.expand(pretext)
        copy.text = await templates.expand(text)
        copy.fallback = await templates.expand(fallback)
        copy.color = await templates.expand(color)
        copy.footer = await templates.expand(footer)
        for (index, field) in fields.enumerated() {
            copy.fields[index].title = await templates.expand(field.title) ?? ""
            copy.fields[index].value = await templates.expand(field.value) ?? ""
        }
        return copy
    }
}

extension PagerDutyOptions {
    fileprivate func expanded(by templates: MessageTemplates) async -> PagerDutyOptions {
        var copy = self
        copy.client = await templates.expand(client)
        copy.clientURL = await templates.expand(clientURL)
        copy.description = await templates.expand(description)
        copy.severity = await templates.expand(severity).map { severityWord($0) }
        copy.source = await templates.expand(source)
        copy.eventClass = await templates.expand(eventClass)
        copy.component = await templates.expand(component)
        copy.group = await templates.expand(group)
        for (name, text) in details {
            copy.details[name] = await templates.expand(text) ?? ""
        }
        for (index, link) in links.enumerated() {
            copy.links[index].href = await templates.expand(link.href) ?? ""
            copy.links[index].text = await templates.expand(link.text) ?? ""
        }
        return copy
    }
}
