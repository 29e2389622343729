// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples
public import Templates

/// Everything the notifier is told: Alertmanager's configuration as values.
public struct NotifyOptions: Sendable {
    /// The root of the routing tree; it has no matchers and names a receiver.
    public var route: Route
    /// The receivers, by distinct names.
    public var receivers: [Receiver]
    /// Which alerts mute which.
    public var inhibitRules: [InhibitRule]
    /// The named times that routes refer to.
    public var timeIntervals: [NamedInterval]
    /// Where people reach this daemon, without a slash at the end.
    public var externalURL: String
    /// What an alert without an end and without renewal is given.
    public var resolveTimeout: Duration
    /// How failed deliveries are tried again.
    public var retry: RetryOptions
    /// The templates of the template files.
    public var templates: TemplateLibrary

    /// Makes options.
    public init(
        route: Route,
        receivers: [Receiver],
        inhibitRules: [InhibitRule] = [],
        timeIntervals: [NamedInterval] = [],
        externalURL: String = "",
        resolveTimeout: Duration = .seconds(300),
        retry: RetryOptions = .standard,
        templates: TemplateLibrary = .empty
    ) {
        self.route = route
        self.receivers = receivers
        self.inhibitRules = inhibitRules
        self.timeIntervals = timeIntervals
        self.externalURL = externalURL
        self.resolveTimeout = resolveTimeout
        self.retry = retry
        self.templates = templates
    }

    /// One route to one receiver that tells nobody.
    public static let standard = NotifyOptions(
        route: Route(receiver: "nobody"),
        receivers: [Receiver(name: "nobody")]
    )
}

/// A node of the routing tree; what it leaves out it takes from its parent.
///
/// Source: Alertmanager, config: `Route`.
public struct Route: Sendable, Hashable {
    /// Who is told.
    public var receiver: String?
    /// The conditions, all of which must hold; `match` and `match_re` become such conditions.
    public var matchers: [Matcher]
    /// Whether the siblings after this one are asked too.
    public var continues: Bool
    /// The labels that tell groups apart; `...` alone stands for all of them.
    public var groupBy: [String]?
    /// How long a new group waits for more alerts.
    public var groupWait: Duration?
    /// How long a group waits before it tells of changes.
    public var groupInterval: Duration?
    /// After how long an unchanged group is told again.
    public var repeatInterval: Duration?
    /// Inside any of these times nobody is told; not inherited.
    public var muteTimeIntervals: [String]
    /// Where there are any, people are told only inside one of these times; not inherited.
    public var activeTimeIntervals: [String]
    /// The children, asked in order.
    public var routes: [Route]

    /// Makes a node.
    public init(
        receiver: String? = nil,
        matchers: [Matcher] = [],
        continues: Bool = false,
        groupBy: [String]? = nil,
        groupWait: Duration? = nil,
        groupInterval: Duration? = nil,
        repeatInterval: Duration? = nil,
        muteTimeIntervals: [String] = [],
        activeTimeIntervals: [String] = [],
        routes: [Route] = []
    ) {
        self.receiver = receiver
        self.matchers = matchers
        self.continues = continues
        self.groupBy = groupBy
        self.groupWait = groupWait
        self.groupInterval = groupInterval
        self.repeatInterval = repeatInterval
        self.muteTimeIntervals = muteTimeIntervals
        self.activeTimeIntervals = activeTimeIntervals
        self.routes = routes
    }

    /// The conditions of the older keys `match` and `match_re`, sorted by name.
    ///
    /// - Throws: `RegularExpressionError` where an expression does not parse.
    public static func matchers(
        match: [String: String],
        matchExpressions: [String: String] = [:]
    ) throws(RegularExpressionError) -> [Matcher] {
        var result = match.sorted { $0.key < $1.key }.map { Matcher($0.key, equals: $0.value) }
        for (name, value) in matchExpressions.sorted(by: { $0.key < $1.key }) {
            result.append(try Matcher(name, .matches, value))
        }
        return result
    }
}

/// Somebody to be told, by any number of ways.
public struct Receiver: Sendable {
    /// The name that routes use.
    public var name: String
    /// Channels of Slack.
    public var slackConfigs: [SlackOptions]
    /// Services of PagerDuty.
    public var pagerdutyConfigs: [PagerDutyOptions]
    /// Any HTTP endpoints.
    public var webhookConfigs: [WebhookOptions]

    /// Makes a receiver; without any way it takes alerts and tells nobody.
    public init(
        name: String,
        slackConfigs: [SlackOptions] = [],
        pagerdutyConfigs: [PagerDutyOptions] = [],
        webhookConfigs: [WebhookOptions] = []
    ) {
        self.name = name
        self.slackConfigs = slackConfigs
        self.pagerdutyConfigs = pagerdutyConfigs
        self.webhookConfigs = webhookConfigs
    }
}

/// While a source fires, targets with equal labels are muted.
public struct InhibitRule: Sendable, Hashable {
    /// What a source fulfils.
    public var sourceMatchers: [Matcher]
    /// What a target fulfils.
    public var targetMatchers: [Matcher]
    /// The labels on which both must agree; missing counts as empty.
    public var equal: [String]

    /// Makes a rule.
    public init(sourceMatchers: [Matcher], targetMatchers: [Matcher], equal: [String] = []) {
        self.sourceMatchers = sourceMatchers
        self.targetMatchers = targetMatchers
        self.equal = equal
    }
}

/// How failed deliveries are tried again.
public struct RetryOptions: Sendable, Hashable {
    /// The wait after the first failure; it doubles with each.
    public var firstDelay: Duration
    /// The longest wait.
    public var longestDelay: Duration
    /// After how long a delivery is given up.
    public var longestLife: Duration
    /// The most that a receiver may ask for by `Retry-After`.
    public var longestRetryAfter: Duration
    /// How long one attempt may take where the receiver has no `timeout` of its own.
    public var attemptTimeout: Duration

    /// One second at first, a minute at most, for three days.
    ///
    /// Standard Webhooks advises longer waits; somebody on call is to know soon after the way is free.
    public static let standard = RetryOptions(
        firstDelay: .seconds(1),
        longestDelay: .seconds(60),
        longestLife: .seconds(3 * 86_400),
        longestRetryAfter: .seconds(3_600),
        attemptTimeout: .seconds(15)
    )

    /// Makes options.
    public init(
        firstDelay: Duration,
        longestDelay: Duration,
        longestLife: Duration,
        longestRetryAfter: Duration,
        attemptTimeout: Duration
    ) {
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
        self.longestLife = longestLife
        self.longestRetryAfter = longestRetryAfter
        self.attemptTimeout = attemptTimeout
    }
}
