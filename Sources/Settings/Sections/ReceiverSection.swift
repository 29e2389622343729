// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import ConfigYAML
internal import Notify
internal import Secrets
internal import Templates

extension Receiver {
    /// Decodes one receiver.
    init(_ mapping: MappingReader, defaults: NotifyDefaults) {
        let name = mapping.requiredString("name")
        mapping.context = "receiver '\(name)'"
        self.init(
            name: name,
            slackConfigs: mapping.mappings("slack_configs", "slack_configs of receiver '\(name)'")
                .map { SlackOptions($0, defaults: defaults) },
            pagerdutyConfigs: mapping.mappings(
                "pagerduty_configs",
                "pagerduty_configs of receiver '\(name)'"
            ).map { PagerDutyOptions($0, defaults: defaults) },
            webhookConfigs: mapping.mappings(
                "webhook_configs",
                "webhook_configs of receiver '\(name)'"
            ).map { WebhookOptions($0) }
        )
        mapping.refuse(Unsupported.receiver)
        mapping.finish()
    }
}

extension SlackOptions {
    /// Decodes one entry of `slack_configs`.
    init(_ mapping: MappingReader, defaults: NotifyDefaults) {
        self.init()
        let library = defaults.templates
        sendResolved = mapping.bool("send_resolved", default: sendResolved)
        apiURL = (mapping.secretOrFile("api_url") ?? defaults.slackURL)
            .map { Credential(Secret($0)) }
        appToken = mapping.secretOrFile("app_token").map { Credential(Secret($0)) }
        appURL = mapping.string("app_url", default: appURL)
        if apiURL == nil, appToken == nil {
            mapping.error("\(mapping.context) needs 'api_url', or 'slack_api_url' in 'global'")
        }
        channel = mapping.template("channel", library) ?? channel
        username = mapping.template("username", library) ?? username
        iconEmoji = mapping.template("icon_emoji", library) ?? iconEmoji
        iconURL = mapping.template("icon_url", library) ?? iconURL
        linkNames = mapping.bool("link_names", default: linkNames)
        messageText = mapping.template("message_text", library)
        title = mapping.template("title", library)
        titleLink = mapping.template("title_link", library)
        pretext = mapping.template("pretext", library)
        text = mapping.template("text", library)
        fallback = mapping.template("fallback", library)
        color = mapping.template("color", library)
        footer = mapping.template("footer", library)
        fields = mapping.mappings("fields", "a field").map { SlackField($0, library) }
        updateMessage = mapping.bool("update_message", default: updateMessage)
        timeout = mapping.duration("timeout")
        mapping.refuse(Unsupported.slack)
        mapping.finish()
    }
}

extension SlackField {
    /// Decodes one entry of `fields`.
    init(_ mapping: MappingReader, _ library: TemplateLibrary) {
        self.init(
            title: mapping.template("title", library) ?? "",
            value: mapping.template("value", library) ?? "",
            isShort: mapping.bool("short", default: false)
        )
        mapping.finish()
    }
}

extension PagerDutyOptions {
    /// Decodes one entry of `pagerduty_configs`.
    init(_ mapping: MappingReader, defaults: NotifyDefaults) {
        let library = defaults.templates
        let key = mapping.secretOrFile("routing_key")
        if key == nil {
            mapping.error("\(mapping.context) needs 'routing_key' or 'routing_key_file'")
        }
        self.init(routingKey: Credential(Secret(key ?? "")))
        sendResolved = mapping.bool("send_resolved", default: sendResolved)
        url = mapping.string("url", default: defaults.pagerdutyURL)
        client = mapping.template("client", library)
        clientURL = mapping.template("client_url", library)
        description = mapping.template("description", library)
        severity = mapping.template("severity", library)
        source = mapping.template("source", library)
        eventClass = mapping.template("class", library)
        component = mapping.template("component", library)
        group = mapping.template("group", library)
        details = mapping.templates("details", library)
        links = mapping.mappings("links", "a link").map { link in
            defer { link.finish() }
            return PagerDutyLink(
                href: link.template("href", library) ?? "",
                text: link.template("text", library) ?? ""
            )
        }
        timeout = mapping.duration("timeout")
        mapping.refuse(Unsupported.pagerduty)
        mapping.finish()
    }
}

extension WebhookOptions {
    /// Decodes one entry of `webhook_configs`.
    init(_ mapping: MappingReader) {
        let url = mapping.secretOrFile("url")
        if url == nil, !mapping.has("url"), !mapping.has("url_file") {
            mapping.error("\(mapping.context) needs 'url' or 'url_file'")
        }
        self.init(url: Credential(Secret(url ?? "")))
        sendResolved = mapping.bool("send_resolved", default: sendResolved)
        maxAlerts = mapping.int("max_alerts", default: maxAlerts)
        signingSecret = mapping.secretOrFile("signing_secret").map { Credential(Secret($0)) }
        timeout = mapping.duration("timeout")
        mapping.refuse(Unsupported.webhook)
        mapping.finish()
    }
}
