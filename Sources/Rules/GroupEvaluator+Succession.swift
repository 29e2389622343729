// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
public import Samples
internal import Storage
internal import Telemetry

/// What a rule leaves to the rule that takes its place.
struct RuleLegacy: Sendable {
    let rule: Rule
    let alerts: [LabelSet: ActiveAlert]
    let written: Set<LabelSet>
}

extension GroupEvaluator {
    /// Takes up the state of an evaluator of the same group, which has ended.
    ///
    /// A rule of the same name and labels goes on with its alerts and series; those of all other
    /// rules end. Source: Prometheus, rules/group.go: `CopyState`, which lets the alerts time out.
    func succeed(_ former: GroupEvaluator) async {
        guard var legacy = await former.leave() else { return await restore() }
        isRestored = true
        for (index, prefix) in ledgerPrefixes.enumerated() {
            guard let left = legacy[prefix], left.rule.kind == status.rules[index].rule.kind
            else { continue }
            legacy[prefix] = nil
            alerts[index] = left.alerts
            written[index] = left.written
            status.rules[index].alerts = sorted(left.alerts)
        }
        await end(legacy, at: context.now())
        board.publish(status)
    }

    /// Ends everything of a group that is there no longer: its series, and its alerts with a word.
    public func retire(at time: Timestamp) async {
        if let legacy = leave() { await end(legacy, at: time) }
        context.telemetry.end(["rule_group": status.group.key])
    }

    /// Hands the state over; nil where the ledger's was never taken up.
    private func leave() -> [String: RuleLegacy]? {
        guard isRestored else { return nil }
        var legacy: [String: RuleLegacy] = [:]
        for (index, prefix) in ledgerPrefixes.enumerated() {
            legacy[prefix] = RuleLegacy(
                rule: status.rules[index].rule,
                alerts: alerts[index],
                written: written[index]
            )
            alerts[index] = [:]
            written[index] = []
        }
        return legacy
    }

    private func end(_ legacy: [String: RuleLegacy], at time: Timestamp) async {
        for (prefix, left) in legacy {
            let markers = left.written.map { SeriesSample(labels: $0, value: .stalenessMarker) }
            _ = context.store.append(markers, at: time)
            let removals = left.alerts.keys.map { labels -> LedgerChange in
                let key = prefix + String(labels.fingerprint, radix: 16)
                return .remove(space: Self.space, key: key)
            }
            let ends = left.alerts.values.compactMap { alert -> Alert? in
                var alert = alert
                let action = alert.life.event(.absent, at: time, timing: AlertTiming())
                guard action == .resolved else { return nil }
                return outgoing(alert, left.rule, interval: status.interval, at: time)
            }
            if !ends.isEmpty { await context.send(ends.sorted { $0.labels < $1.labels }) }
            guard !removals.isEmpty else { continue }
            do {
                try await context.store.ledger.apply(removals)
            } catch {
                context.telemetry.stateFailures.add()
            }
        }
    }
}
