// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import HTTPServer
internal import Samples
internal import SourceText

/// `/api/v1/rules`: the groups, their rules and alerts.
///
/// Source: Prometheus, web/api/v1/api.go: `rules`.
func answerRules(_ web: WebRequest) async throws -> HTTPResponse {
    let kind = web.value("type")
    guard kind == nil || kind == "alert" || kind == "record" else {
        throw web.invalid("type", "not supported value \(quoted(kind ?? ""))")
    }
    let names = web.values("rule_name[]")
    let groups = filtered(await web.context.rules(), web).map { group in
        var group = group
        group.rules = group.rules.filter { rule in
            (kind == nil || (kind == "alert") == (rule.alerting != nil))
                && (names.isEmpty || names.contains(rule.name))
        }
        return group
    }
    let isFiltered = kind != nil || !names.isEmpty
    let shown = isFiltered ? groups.filter { !$0.rules.isEmpty } : groups
    let showsAlerts = web.value("exclude_alerts") != "true"
    return .success { json in
        json.object { json in
            json.key("groups")
            json.array(shown) { $0.group($1, showsAlerts: showsAlerts) }
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

private func filtered(_ groups: [RuleGroupReport], _ web: WebRequest) -> [RuleGroupReport] {
    let (names, files) = (web.values("rule_group[]"), web.values("file[]"))
    return groups.filter {
        (names.isEmpty || names.contains($0.name)) && (files.isEmpty || files.contains($0.file))
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
            json.key("labels")
            json.dictionary(rule.labels)
            if let alerting = rule.alerting {
                json.key("annotations")
                json.dictionary(alerting.annotations)
                json.key("alerts")
                json.array(showsAlerts ? alerting.alerts : []) { $0.alert($1) }
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
