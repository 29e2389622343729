// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import HTTPFetch
public import Secrets

/// A secret given in the configuration, or read from its file at each use.
///
/// Reading at each use makes the change of a key work without a reload, as in Alertmanager.
public struct Credential: Sendable {
    private let read: @Sendable () throws -> Secret

    /// Wraps a secret that is known.
    public init(_ secret: Secret) { read = { secret } }

    /// Wraps a way to read the secret.
    public init(reading read: @escaping @Sendable () throws -> Secret) { self.read = read }

    /// Returns the secret.
    ///
    /// - Throws: what the way to read it throws.
    public func secret() throws -> Secret { try read() }
}

/// How a receiver is reached by HTTP.
public struct HTTPOptions: Sendable {
    /// Who we are; nil where nothing need be said.
    public var authorization: (@Sendable () throws -> HTTPAuthorization)?
    /// How TLS is spoken.
    public var tls: HTTPTLSOptions
    /// Header fields besides our own.
    public var headers: [HTTPHeader]
    /// The proxy's URL; empty for none.
    public var proxy: String
    /// How many redirects are followed.
    public var maxRedirects: Int

    /// Makes options; without any the system's authorities are trusted and nothing is added.
    public init(
        authorization: (@Sendable () throws -> HTTPAuthorization)? = nil,
        tls: HTTPTLSOptions = HTTPTLSOptions(),
        headers: [HTTPHeader] = [],
        proxy: String = "",
        maxRedirects: Int = 0
    ) {
        self.authorization = authorization
        self.tls = tls
        self.headers = headers
        self.proxy = proxy
        self.maxRedirects = maxRedirects
    }
}

/// A channel of Slack, by an incoming webhook or by a bot's token.
///
/// Texts are templates; one that is nil or empty gives our own message.
/// Source: Alertmanager, config: `SlackConfig`.
public struct SlackOptions: Sendable {
    /// Whether ends are told.
    public var sendResolved = false
    /// The address of an incoming webhook.
    public var apiURL: Credential?
    /// The bot's token, instead of an incoming webhook.
    public var appToken: Credential?
    /// Where messages of a bot are posted.
    public var appURL = "https://slack.com/api/chat.postMessage"
    /// The channel, with or without `#`.
    public var channel = ""
    /// The name that is shown, where the webhook allows it.
    public var username = ""
    /// The emoji that is shown, as `:owl:`.
    public var iconEmoji = ""
    /// The picture that is shown.
    public var iconURL = ""
    /// Whether names with `#` and `@` become links.
    public var linkNames = false
    /// The text above the attachment.
    public var messageText: String?
    /// The attachment's title.
    public var title: String?
    /// Where the title leads.
    public var titleLink: String?
    /// The text before the attachment.
    public var pretext: String?
    /// The attachment's text.
    public var text: String?
    /// The text for places without attachments.
    public var fallback: String?
    /// The bar's colour: `good`, `warning`, `danger` or `#RRGGBB`.
    public var color: String?
    /// The line below.
    public var footer: String?
    /// Short pairs in the attachment.
    public var fields: [SlackField] = []
    /// Whether the first message is edited when the group changes; needs a bot's token.
    public var updateMessage = false
    /// How long one attempt may take.
    public var timeout: Duration?
    /// How it is reached.
    public var http = HTTPOptions()

    /// Makes a channel with Alertmanager's defaults.
    public init() {}
}

/// A pair in a message of Slack.
public struct SlackField: Sendable, Hashable {
    /// The name, a template.
    public var title: String
    /// The value, a template.
    public var value: String
    /// Whether two fit side by side.
    public var isShort: Bool

    /// Makes a pair.
    public init(title: String, value: String, isShort: Bool = false) {
        self.title = title
        self.value = value
        self.isShort = isShort
    }
}

/// A service of PagerDuty, by Events API v2.
///
/// Source: Alertmanager, config: `PagerdutyConfig`.
public struct PagerDutyOptions: Sendable {
    /// Whether ends are told.
    public var sendResolved = true
    /// The key of the integration.
    public var routingKey: Credential
    /// Where events go.
    public var url = "https://events.pagerduty.com/v2/enqueue"
    /// Who says so, a template.
    public var client: String?
    /// Where that one can be reached, a template.
    public var clientURL: String?
    /// The summary, a template.
    public var description: String?
    /// The severity, a template; without one the label `severity` decides.
    public var severity: String?
    /// The part that is broken, a template.
    public var source: String?
    /// The kind of event, a template.
    public var eventClass: String?
    /// The component, a template.
    public var component: String?
    /// The group, a template.
    public var group: String?
    /// More details, templates by name.
    public var details: [String: String] = [:]
    /// Links: address and text, templates.
    public var links: [PagerDutyLink] = []
    /// How long one attempt may take.
    public var timeout: Duration?
    /// How it is reached.
    public var http = HTTPOptions()

    /// Makes a service with Alertmanager's defaults.
    public init(routingKey: Credential) { self.routingKey = routingKey }
}

/// A link in an event of PagerDuty.
public struct PagerDutyLink: Sendable, Hashable {
    /// The address, a template.
    public var href: String
    /// What it is called, a template.
    public var text: String

    /// Makes a link.
    public init(href: String, text: String) {
        self.href = href
        self.text = text
    }
}

/// Any HTTP endpoint that takes Alertmanager's version 4 body.
///
/// Source: Alertmanager, config: `WebhookConfig`.
public struct WebhookOptions: Sendable {
    /// Whether ends are told.
    public var sendResolved = true
    /// The address.
    public var url: Credential
    /// The most alerts in a body; 0 for all.
    public var maxAlerts = 0
    /// The key by which bodies are signed (Standard Webhooks, `whsec_` and base64, or any text).
    public var signingSecret: Credential?
    /// How long one attempt may take.
    public var timeout: Duration?
    /// How it is reached.
    public var http = HTTPOptions()

    /// Makes an endpoint with Alertmanager's defaults.
    public init(url: Credential) { self.url = url }
}
