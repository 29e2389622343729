// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import ConfigYAML
internal import HTTPFetch
internal import Notify
internal import Samples
internal import Secrets
internal import Templates

/// What receivers take from Alertmanager's section `global`.
struct NotifyDefaults {
    var slackURL: String?
    var pagerdutyURL = "https://events.pagerduty.com/v2/enqueue"
    var resolveTimeout = Duration.seconds(300)
    /// The templates of all template files.
    var templates = TemplateLibrary.empty

    init() {}

    init(_ mapping: MappingReader) {
        slackURL = mapping.secretOrFile("slack_api_url")
        pagerdutyURL = mapping.string("pagerduty_url", default: pagerdutyURL)
        resolveTimeout = mapping.positiveDuration("resolve_timeout", default: resolveTimeout)
        mapping.refuse(["http_config"])
        mapping.ignore(beginningWith: [
            "smtp_", "opsgenie_", "victorops_", "telegram_", "webex_", "wechat_", "rocketchat_",
            "mattermost_", "jira_", "slack_app_",
        ])
        mapping.finish()
    }
}

extension NotifyOptions {
    /// Decodes Alertmanager's configuration; `find` gives the files that a pattern names.
    ///
    /// Source: Alertmanager, config: `Config`.
    init(_ mapping: MappingReader, externalURL: String, find: (ValueReader) -> [String]) {
        var defaults = mapping.mapping("global").map { NotifyDefaults($0) } ?? NotifyDefaults()
        defaults.templates = mapping.templateLibrary("templates", find)
        let receivers = mapping.mappings("receivers").map { Receiver($0, defaults: defaults) }
        var names: Set<String> = []
        for receiver in receivers where !names.insert(receiver.name).inserted {
            mapping.error(atKey: "receivers", "receiver '\(receiver.name)' is defined twice")
        }
        let intervals =
            (mapping.mappings("time_intervals", "a time interval")
            + mapping.mappings("mute_time_intervals", "a time interval")).map { NamedInterval($0) }
        let times = Set(intervals.map(\.name))
        var route = Route(receiver: receivers.first?.name ?? "")
        if let root = mapping.mapping("route", "the route") {
            if root.has("match") || root.has("match_re") || root.has("matchers") {
                root.error("the root route must not have matchers: it takes every alert")
            }
            if !root.has("receiver") { root.error("the root route needs 'receiver'") }
            for key in ["continue", "mute_time_intervals", "active_time_intervals"]
            where root.has(key) {
                root.error(atKey: key, "the root route must not have '\(key)'")
            }
            route = Route(root, receivers: names, intervals: times)
        } else {
            mapping.error("'route' is missing: it says which receiver is told")
        }
        let rules = mapping.mappings("inhibit_rules", "an inhibit rule").map { InhibitRule($0) }
        self.init(
            route: route,
            receivers: receivers,
            inhibitRules: rules,
            timeIntervals: intervals,
            externalURL: externalURL,
            resolveTimeout: defaults.resolveTimeout,
            templates: defaults.templates
        )
        mapping.refuse(Unsupported.alerting)
    }
}

extension Route {
    /// Decodes a node of the routing tree with its children.
    init(_ mapping: MappingReader, receivers: Set<String>, intervals: Set<String>) {
        self.init()
        if let value = mapping.value("receiver"), let name = value.string() {
            receiver = name
            if !receivers.contains(name) { value.error("there is no receiver '\(name)'") }
        }
        matchers = mapping.matchers("matchers", "match", "match_re")
        continues = mapping.bool("continue", default: false)
        groupBy = mapping.has("group_by") ? mapping.strings("group_by") : nil
        groupWait = mapping.duration("group_wait")
        groupInterval = mapping.duration("group_interval")
        repeatInterval = mapping.duration("repeat_interval")
        if groupInterval == .zero {
            mapping.error(atKey: "group_interval", "'group_interval' must be longer than 0")
        }
        if repeatInterval == .zero {
            mapping.error(atKey: "repeat_interval", "'repeat_interval' must be longer than 0")
        }
        muteTimeIntervals = mapping.names("mute_time_intervals", of: intervals)
        activeTimeIntervals = mapping.names("active_time_intervals", of: intervals)
        routes = mapping.mappings("routes", "a route").map {
            Route($0, receivers: receivers, intervals: intervals)
        }
        mapping.finish()
    }
}

extension InhibitRule {
    /// Decodes a rule.
    init(_ mapping: MappingReader) {
        self.init(
            sourceMatchers: mapping.matchers("source_matchers", "source_match", "source_match_re"),
            targetMatchers: mapping.matchers("target_matchers", "target_match", "target_match_re"),
            equal: mapping.strings("equal")
        )
        mapping.finish()
    }
}

extension MappingReader {
    /// The conditions of `matchers: ['a="b"']` and of the two older keys.
    func matchers(_ key: String, _ matchKey: String, _ expressionKey: String) -> [Matcher] {
        var result: [Matcher] = []
        for value in list(key) {
            guard let text = value.string() else { continue }
            guard let matcher = alertMatcher(text) else {
                value.error("'\(text)' is no matcher such as severity=\"critical\"")
                continue
            }
            result.append(matcher)
        }
        for (name, value) in entries(matchKey) {
            if let text = value.string() { result.append(Matcher(name, equals: text)) }
        }
        for (name, value) in entries(expressionKey) {
            guard let text = value.string() else { continue }
            do {
                result.append(try Matcher(name, .matches, text))
            } catch {
                value.error("bad regular expression: \(error.message)")
            }
        }
        return result
    }

    /// The names of a key's list, each of which must be known.
    fileprivate func names(_ key: String, of known: Set<String>) -> [String] {
        list(key).compactMap { value in
            guard let name = value.string() else { return nil }
            if !known.contains(name) { value.error("there is no time interval '\(name)'") }
            return name
        }
    }
}

/// Reads `name="value"`, with any of the four operators; quotes may be missing.
func alertMatcher(_ text: String) -> Matcher? {
    guard let mark = text.firstIndex(where: { "=!".contains($0) }) else { return nil }
    let name = text[..<mark].trimmingSpaces
    let rest = text[mark...]
    let kinds: [Matcher.Kind] = [.notEqual, .matches, .matchesNot, .equal]
    guard let kind = kinds.first(where: { rest.hasPrefix($0.rawValue) }) else { return nil }
    var value = String(rest.dropFirst(kind.rawValue.count).trimmingSpaces)
    if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
        value = unescaped(value.dropFirst().dropLast())
    }
    guard !name.isEmpty else { return nil }
    return try? Matcher(String(name), kind, value)
}

private func unescaped(_ text: Substring) -> String {
    var result = ""
    var isEscaped = false
    for character in text {
        if isEscaped {
            result.append(character == "n" ? "\n" : character)
            isEscaped = false
        } else if character == "\\" {
            isEscaped = true
        } else {
            result.append(character)
        }
    }
    return result
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var rest = self
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
