// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import Collectors
internal import HTTPServer
internal import PromQLSyntax
internal import Samples
internal import Storage

/// `GET /`: what is firing and why, the targets with their reasons, the rules, what was sent.
func answerFrontPage(_ web: WebRequest) async -> HTTPResponse {
    let groups = await web.context.rules()
    let notifications = await web.context.notifications()
    var page = HTMLText(title: "Nightjar", refresh: 15)
    alertsTable(groups, web.context.now(), into: &page)
    targetsTable(web.context.board.targets, into: &page)
    rulesTable(groups, into: &page)
    notificationsTable(notifications.prefix(20), into: &page)
    return page.response
}

private func alertsTable(
    _ groups: [RuleGroupReport],
    _ now: Timestamp,
    into page: inout HTMLText
) {
    let active = groups.flatMap(\.rules).flatMap { rule in
        (rule.alerting?.alerts ?? []).map { (rule: rule, alert: $0) }
    }
    let sorted = active.sorted { a, b in
        (a.alert.phase == .firing ? 0 : 1, a.alert.activeAt)
            < (b.alert.phase == .firing ? 0 : 1, b.alert.activeAt)
    }
    page.table(
        "Alerts",
        ["State", "Alert", "For", "Value", "What", "Why"],
        none: "Nothing is firing."
    )
    for (rule, alert) in sorted {
        let elapsed = Duration.seconds(max(0, (now - alert.activeAt).components.seconds))
        let labels = alert.labels.setting("alertname", to: "")
        page.row([
            .mark(alert.phase.rawValue),
            .link(
                "\(rule.name) \(labels.isEmpty ? "" : "\(labels)")",
                to: "/runbooks/" + rule.name
            ),
            .text("\(formatDuration(elapsed)), since \(TimeText.text(of: alert.activeAt))"),
            .text("\(alert.value)"),
            .text(alert.annotations["summary"] ?? alert.annotations["description"] ?? ""),
            .code(rule.query),
        ])
    }
    page.endTable()
}

private func targetsTable(_ targets: [PollBoard.Entry], into page: inout HTMLText) {
    page.table("Targets", ["Health", "Kind", "Name", "Last poll", "Reason"], none: "No targets.")
    for entry in targets {
        let failure = entry.outcome?.failure
        page.row([
            .mark(entry.health), .text(entry.target.kind), .text(entry.target.name),
            .text(entry.slot.map { TimeText.text(of: $0) } ?? "not yet"),
            .text(failure.map { "\($0.reason.rawValue): \($0.message)" } ?? ""),
        ])
    }
    page.endTable()
}

private func rulesTable(_ groups: [RuleGroupReport], into page: inout HTMLText) {
    page.table("Rules", ["Health", "Group", "Rule", "State", "Expression"], none: "No rules.")
    for group in groups {
        for rule in group.rules {
            page.row([
                .mark(rule.health), .text(group.name),
                rule.alerting == nil
                    ? .text(rule.name) : .link(rule.name, to: "/runbooks/" + rule.name),
                .mark(rule.alerting?.phase.rawValue ?? "recording"),
                .code(rule.query + (rule.lastError.map { "\n" + $0 } ?? "")),
            ])
        }
    }
    page.endTable()
}

private func notificationsTable(
    _ attempts: ArraySlice<NotificationReport>,
    into page: inout HTMLText
) {
    page.table(
        "Last notifications",
        ["Outcome", "Time", "Receiver", "Alerts", "Attempt", "Error"],
        none: "Nothing was sent."
    )
    for attempt in attempts {
        page.row([
            .mark(attempt.outcome), .text(TimeText.text(of: attempt.time)),
            .text("\(attempt.receiver) (\(attempt.integration))"),
            .text(attempt.alerts.joined(separator: ", ")), .text("\(attempt.attempt)"),
            .text(attempt.error ?? ""),
        ])
    }
    page.endTable()
}
