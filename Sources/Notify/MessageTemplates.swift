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
