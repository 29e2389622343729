// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
public import Rules

extension RuleGroupReport {
    /// Makes the report of a group out of what the evaluator published.
    public init(_ status: GroupStatus) {
        self.init(
            name: status.group.name,
            file: status.group.file,
            interval: status.interval,
            limit: status.group.limit,
            lastEvaluation: status.lastEvaluation,
            evaluationTime: status.evaluationTime,
            rules: status.rules.map(RuleReport.init)
        )
    }
}

extension RuleReport {
    /// Makes the report of a rule out of what the evaluator published.
    public init(_ status: RuleStatus) {
        let rule = status.rule
        self.init(
            name: rule.name,
            query: "\(rule.expression)",
            labels: texts(rule.labels),
            lastError: status.lastError.isEmpty ? nil : status.lastError,
            lastEvaluation: status.lastEvaluation,
            evaluationTime: status.evaluationTime
        )
        guard rule.kind == .alerting else { return }
        alerting = AlertingReport(
            pendingFor: rule.pendingFor,
            keepFiringFor: rule.keepFiringFor,
            annotations: texts(rule.annotations),
            alerts: status.alerts.filter { $0.life.phase != .inactive }.map(AlertReport.init)
        )
    }
}

extension AlertReport {
    /// Makes the report of an alert out of what the evaluator published.
    public init(_ alert: ActiveAlert) {
        self.init(
            labels: alert.labels,
            annotations: alert.annotations,
            phase: alert.life.phase,
            activeAt: alert.life.activeAt,
            keepFiringSince: alert.life.keptSince,
            value: alert.value
        )
    }
}

private func texts(_ list: [RuleText]) -> [String: String] {
    Dictionary(list.map { ($0.name, $0.text) }) { _, last in last }
}
