// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import HTTPServer
internal import Samples
internal import SourceText

/// `/api/v1/rules`: the groups, their rules and alerts, page by page where that is asked for.
///
/// Source: Prometheus, web/api/v1/api.go: `rules`.
func answerRules(_ web: WebRequest) async throws -> HTTPResponse {
    let filter = try RuleFilter(web)
    let (limit, token) = try page(web)
    var groups = await web.context.rules()
    if let token {
        guard let start = groups.firstIndex(where: { $0.token == token }) else {
            let why = "invalid group_next_token '\(token)'. were rule groups changed?"
            throw web.invalid("group_next_token", why)
        }
        groups = Array(groups[start...])
    }
    let shown = groups.compactMap(filter.kept)
    let next = limit.flatMap { $0 < shown.count ? shown[$0].token : nil }
    return .success { json in
        json.object { json in
            json.key("groups")
            json.array(shown.prefix(limit ?? .max)) {
                $0.group($1, showsAlerts: filter.showsAlerts)
            }
            if let next { json.field("groupNextToken", next) }
        }
    }
}

/// `/api/v1/alerts`: the alerts that are pending or firing.
func answerAlerts(_ web: WebRequest) async -> HTTPResponse {
    let alerts = await web.context.rules().flatMap(\.rules).flatMap { $0.alerting?.alerts ?? [] }
    return .success { json in
        json.object { json in
            json.key("alerts")
            json.array(alerts) { $0.alert($1) }
        }
    }
}

/// How many groups to show, and the token of the first; nil shows all.
private func page(_ web: WebRequest) throws(APIError) -> (limit: Int?, token: String?) {
    let token = web.value("group_next_token")
    guard let text = web.value("group_limit") else {
        guard token == nil else {
            let why = "group_limit needs to be present in order to paginate over the groups"
            throw web.invalid("group_next_token", why)
        }
        return (nil, nil)
    }
    guard let limit = Int(text) else {
        throw web.invalid("group_limit", "group_limit needs to be a valid number")
    }
    guard limit > 0 else {
        throw web.invalid("group_limit", "group_limit needs to be greater than 0")
    }
    return (limit, token)
}

/// Which rules a request wants to see.
private struct RuleFilter {
    let kind: String
    let names: Set<String>
    let groups: Set<String>
    let files: Set<String>
    let selectors: [[Matcher]]
    let showsAlerts: Bool

    init(_ web: WebRequest) throws(APIError) {
        names = Set(web.values("rule_name[]"))
        groups = Set(web.values("rule_group[]"))
        files = Set(web.values("file[]"))
        selectors = try web.selectors()
        kind = web.value("type")?.lowercased() ?? ""
        guard ["", "alert", "record"].contains(kind) else {
            throw web.invalid("type", "not supported value \(quoted(kind))")
        }
        let hidden = web.value("exclude_alerts")?.lowercased() ?? "false"
        guard
            let hides = [
                "1": true, "t": true, "true": true, "0": false, "f": false, "false": false,
            ][
                hidden
            ]
        else {
            let why = "strconv.ParseBool: parsing \(quoted(hidden)): invalid syntax"
            throw web.invalid("exclude_alerts", "error converting exclude_alerts: " + why)
        }
        showsAlerts = !hides
    }

    /// The group with the rules that are wanted; nil where none is.
    func kept(_ group: RuleGroupReport) -> RuleGroupReport? {
        guard groups.isEmpty || groups.contains(group.name),
            files.isEmpty || files.contains(group.file)
        else { return nil }
        var group = group
        group.rules = group.rules.filter(keeps)
        return group.rules.isEmpty ? nil : group
    }

    private func keeps(_ rule: RuleReport) -> Bool {
        (kind.isEmpty || (kind == "alert") == (rule.alerting != nil))
            && (names.isEmpty || names.contains(rule.name))
            && (selectors.isEmpty
                || selectors.contains { selector in
                    selector.allSatisfy { $0.matches(rule.labels[$0.name.text] ?? "") }
                })
    }
}

extension RuleGroupReport {
    /// What names the group in a request for the page that begins with it.
    fileprivate var token: String {
        let identity = LabelSet([("file", file), ("name", name)])
        return String(identity.fingerprint, radix: 16)
    }
}

extension JSONWriter {
    fileprivate mutating func group(_ group: RuleGroupReport, showsAlerts: Bool) {
        object { json in
            json.field("name", group.name)
            json.field("file", group.file)
            json.key("rules")
            json.array(group.rules) { $0.rule($1, showsAlerts: showsAlerts) }
            json.field("interval", group.interval.inSeconds)
            json.field("limit", group.limit)
            json.field("evaluationTime", group.evaluationTime.inSeconds)
            json.field("lastEvaluation", TimeText.text(of: group.lastEvaluation))
        }
    }

    private mutating func rule(_ rule: RuleReport, showsAlerts: Bool) {
        object { json in
            if let alerting = rule.alerting {
                json.field("state", alerting.phase.rawValue)
            }
            json.field("name", rule.name)
            json.field("query", rule.query)
            if let alerting = rule.alerting {
                json.field("duration", alerting.pendingFor.inSeconds)
                json.field("keepFiringFor", alerting.keepFiringFor.inSeconds)
            }
            if rule.alerting != nil || !rule.labels.isEmpty {
                json.key("labels")
                json.dictionary(rule.labels)
            }
            if let alerting = rule.alerting {
                json.key("annotations")
                json.dictionary(alerting.annotations)
                json.key("alerts")
                // Prometheus leaves its list unmade, which Go writes as null.
                if showsAlerts { json.array(alerting.alerts) { $0.alert($1) } } else { json.null() }
            }
            json.field("health", rule.health)
            if let error = rule.lastError { json.field("lastError", error) }
            json.field("evaluationTime", rule.evaluationTime.inSeconds)
            json.field("lastEvaluation", TimeText.text(of: rule.lastEvaluation))
            json.field("type", rule.alerting == nil ? "recording" : "alerting")
        }
    }

    fileprivate mutating func alert(_ alert: AlertReport) {
        object { json in
            json.key("labels")
            json.labels(alert.labels)
            json.key("annotations")
            json.dictionary(alert.annotations)
            json.field("state", alert.phase.rawValue)
            json.field("activeAt", TimeText.text(of: alert.activeAt))
            if let since = alert.keepFiringSince {
                json.field("keepFiringSince", TimeText.text(of: since))
            }
            var value: [UInt8] = []
            value.appendScientific(alert.value)
            json.field("value", String(decoding: value, as: UTF8.self))
        }
    }
}
