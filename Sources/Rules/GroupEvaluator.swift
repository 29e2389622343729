// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import PromQLSyntax
public import Samples
internal import Storage
internal import Telemetry

/// Evaluates the rules of one group, in order, and keeps the state of their alerts.
///
/// It protects the alerts of the group: only one evaluation runs at a time, because `GroupLoop`
/// awaits each. State goes to the ledger before anybody is told, so that a kill between the two
/// tells twice rather than never.
public actor GroupEvaluator {
    /// The space of the ledger that holds alerts.
    public static let space = "alerts"

    let context: RuleContext
    let board: RuleGroups
    var status: GroupStatus
    /// The alerts of each rule by their labels.
    var alerts: [[LabelSet: ActiveAlert]]
    /// The series that each rule wrote last.
    var written: [Set<LabelSet>]
    /// What each rule's alerts are kept under; the number tells apart those of the same identity.
    let ledgerPrefixes: [String]
    /// Whether what the ledger kept was taken up.
    var isRestored = false

    /// Makes an evaluator whose state is empty; `restore` loads what the ledger has.
    public init(_ group: RuleGroup, context: RuleContext, board: RuleGroups) {
        self.context = context
        self.board = board
        let interval = group.interval ?? context.options.evaluationInterval
        status = GroupStatus(
            group: group,
            interval: interval,
            rules: group.rules.map { RuleStatus(rule: $0) }
        )
        alerts = group.rules.map { _ in [:] }
        written = group.rules.map { _ in [] }
        var uses: [String: Int] = [:]
        ledgerPrefixes = group.rules.map { rule in
            uses[rule.identity, default: 0] += 1
            let use = uses[rule.identity] ?? 1
            let number = use == 1 ? "" : "#\(use)"
            return "\(group.key)\u{2}\(rule.identity)\(number)\u{2}"
        }
        board.publish(status)
        let labels: LabelSet = ["rule_group": group.key]
        context.telemetry.interval.set(interval.inSeconds, labels)
        context.telemetry.rules.set(Double(group.rules.count), labels)
        context.telemetry.evaluations.add(0, labels)
        context.telemetry.failures.add(0, labels)
        context.telemetry.missed.add(0, labels)
    }

    /// Takes up the alerts that the ledger kept for rules of the same name and labels.
    public func restore() async {
        guard let kept = try? await context.store.ledger.load(Self.space) else {
            context.telemetry.stateFailures.add()
            return
        }
        isRestored = true
        for index in alerts.indices {
            let prefix = ledgerPrefixes[index]
            for (key, value) in kept where key.hasPrefix(prefix) {
                guard var alert = ActiveAlert(decoding: value) else { continue }
                // Whether the notifier took it before the end is not known: it is told again.
                alert.life.mustBeSent()
                alerts[index][alert.labels] = alert
                for phase in ["pending", "firing"] {
                    written[index].insert(series(of: alert, phase: phase))
                }
                written[index].insert(clockSeries(of: alert))
            }
            status.rules[index].alerts = sorted(alerts[index])
        }
        board.publish(status)
    }

    /// Evaluates all rules at a moment and hands over the alerts to tell.
    public func evaluate(at time: Timestamp) async {
        let start = ContinuousClock.now
        let labels: LabelSet = ["rule_group": status.group.key]
        let offset = status.group.queryOffset ?? context.options.queryOffset
        let moment = time - offset
        let queries = context.openQueries()
        var sampleCount = 0
        for index in status.rules.indices {
            guard !Task.isCancelled else { return }
            let ruleStart = ContinuousClock.now
            context.telemetry.evaluations.add(1, labels)
            do throws(RuleFailure) {
                sampleCount += try await evaluate(rule: index, at: moment, queries)
                status.rules[index].health = .ok
                status.rules[index].lastError = ""
            } catch {
                guard !Task.isCancelled else { return }
                context.telemetry.failures.add(1, labels)
                status.rules[index].health = .err
                status.rules[index].lastError = error.message
            }
            status.rules[index].lastEvaluation = time
            status.rules[index].evaluationTime = ContinuousClock.now - ruleStart
        }
        status.lastEvaluation = time
        status.evaluationTime = ContinuousClock.now - start
        board.publish(status)
        context.telemetry.lastEvaluation.set(time.seconds, labels)
        context.telemetry.duration.set(status.evaluationTime.inSeconds, labels)
        context.telemetry.samples.set(Double(sampleCount), labels)
    }

    /// Counts evaluations that did not take place.
    public func countMissed(_ count: Int) {
        context.telemetry.missed.add(Double(count), ["rule_group": status.group.key])
    }

    private func evaluate(
        rule index: Int,
        at time: Timestamp,
        _ queries: RuleQueries
    ) async throws(RuleFailure) -> Int {
        let rule = status.rules[index].rule
        let results = try await queries.query(rule.expression, time)
        let limit = status.group.limit
        switch rule.kind {
        case .recording:
            let samples = try recorded(rule, results)
            try checkLimit(samples.count, limit)
            write(samples, of: index, at: time)
            queries.forget(rule.name)
            return samples.count
        case .alerting:
            let changes = try await advance(index, results, at: time)
            if limit > 0, alerts[index].values.filter({ $0.life.phase != .inactive }).count > limit
            {
                await forgetAll(index)
                throw RuleFailure("exceeded limit of \(limit) alerts")
            }
            await conclude(index, changes, at: time)
            for name in ["ALERTS", "ALERTS_FOR_STATE"] { queries.forget(name) }
            return results.count
        }
    }

    private func checkLimit(_ count: Int, _ limit: Int) throws(RuleFailure) {
        guard limit == 0 || count <= limit else {
            throw RuleFailure("exceeded limit of \(limit) with \(count) series")
        }
    }

    private func recorded(
        _ rule: Rule,
        _ results: [SeriesSample]
    ) throws(RuleFailure) -> [SeriesSample] {
        var seen: Set<LabelSet> = []
        return try results.map { result throws(RuleFailure) in
            var labels = result.labels.setting("__name__", to: rule.name)
            for label in rule.labels { labels = labels.setting(label.name, to: label.text) }
            guard seen.insert(labels).inserted else {
                throw RuleFailure(
                    "vector contains metrics with the same labelset after labels are set"
                )
            }
            return SeriesSample(labels: labels, value: result.value)
        }
    }

    /// Appends samples, and staleness markers to the series of the last evaluation that are gone.
    private func write(_ samples: [SeriesSample], of index: Int, at time: Timestamp) {
        let now = Set(samples.map(\.labels))
        let gone = written[index].subtracting(now).map {
            SeriesSample(labels: $0, value: .stalenessMarker)
        }
        written[index] = now
        _ = context.store.append(samples + gone, at: time)
    }

    // MARK: Alerts

    private struct Change {
        var labels: LabelSet
        var mustSend: Bool
        var isGone: Bool
    }

    /// Moves each alert of a rule on by what the evaluation saw.
    private func advance(
        _ index: Int,
        _ results: [SeriesSample],
        at time: Timestamp
    ) async throws(RuleFailure) -> [Change] {
        let rule = status.rules[index].rule
        let seen = try await alerts(of: rule, results, at: time)
        return Set(seen.keys).union(alerts[index].keys).compactMap { labels in
            let known = alerts[index][labels]
            guard let before = known ?? seen[labels] else { return nil }
            var alert = before
            let (isGone, mustSend) = move(&alert, of: rule, seen: seen[labels], at: time)
            alerts[index][labels] = isGone ? nil : alert
            guard known == nil || isGone || before.life != alert.life else { return nil }
            return Change(labels: labels, mustSend: mustSend, isGone: isGone)
        }
    }

    /// The alerts that an evaluation gave, each at the begin of its life.
    private func alerts(
        of rule: Rule,
        _ results: [SeriesSample],
        at time: Timestamp
    ) async throws(RuleFailure) -> [LabelSet: ActiveAlert] {
        var seen: [LabelSet: ActiveAlert] = [:]
        for result in results {
            let expansion = RuleExpansion(rule: rule, context: context, sample: result, time: time)
            let labels = await expansion.labels()
            guard seen[labels] == nil else {
                throw RuleFailure(
                    "vector contains metrics with the same labelset after applying alert labels"
                )
            }
            seen[labels] = ActiveAlert(
                labels: labels,
                annotations: await expansion.annotations(),
                value: result.value,
                activeAt: time
            )
        }
        return seen
    }

    /// Moves one alert on; whether it is gone, and whether the notifier must hear of it.
    private func move(
        _ alert: inout ActiveAlert,
        of rule: Rule,
        seen now: ActiveAlert?,
        at time: Timestamp
    ) -> (isGone: Bool, mustSend: Bool) {
        if let now {
            if alert.life.phase == .inactive { alert.firstValue = now.value }
            alert.value = now.value
            alert.annotations = now.annotations
        }
        let timing = AlertTiming(
            pendingFor: rule.pendingFor,
            keepFiringFor: rule.keepFiringFor,
            resolvedRetention: context.options.resolvedRetention
        )
        // What is held goes on firing, and the notifier goes on hearing of it.
        let isPresent = now != nil || isHeld(alert, by: rule, at: time)
        let action = alert.life.event(isPresent ? .present : .absent, at: time, timing: timing)
        let delay = context.options.resendDelay
        let mustSend = alert.life.needsSending(at: time, resendDelay: delay)
        return (action == .cancelled || action == .expired, mustSend)
    }

    /// A firing alert whose source did not answer is not known to have ended.
    private func isHeld(_ alert: ActiveAlert, by rule: Rule, at time: Timestamp) -> Bool {
        context.options.holdsOnSourceFailure && alert.life.phase == .firing
            && context.isUnknown(alert.labels, rule.expression.selectors.map(\.matchers), time)
    }

    /// Saves what changed, writes the series of the alerts, and tells the notifier.
    private func conclude(_ index: Int, _ changes: [Change], at time: Timestamp) async {
        await save(index, changes)
        let rule = status.rules[index].rule
        var samples: [SeriesSample] = []
        for alert in alerts[index].values where alert.life.phase != .inactive {
            let phase = alert.life.phase.rawValue
            samples.append(SeriesSample(labels: series(of: alert, phase: phase), value: 1))
            let since = Double(alert.life.activeAt.milliseconds / 1_000)
            samples.append(SeriesSample(labels: clockSeries(of: alert), value: since))
        }
        write(samples, of: index, at: time)
        status.rules[index].alerts = sorted(alerts[index])
        let told = changes.filter(\.mustSend).compactMap { alerts[index][$0.labels] }
        guard !told.isEmpty else { return }
        await context.send(
            told.sorted { $0.labels < $1.labels }
                .map { outgoing($0, rule, interval: status.interval, at: time) }
        )
    }

    private func save(_ index: Int, _ changes: [Change]) async {
        guard !changes.isEmpty else { return }
        let entries = changes.map { change -> LedgerChange in
            let key = ledgerKey(index, change.labels)
            guard !change.isGone, let alert = alerts[index][change.labels] else {
                return .remove(space: Self.space, key: key)
            }
            return .put(space: Self.space, key: key, value: alert.encoded)
        }
        do {
            try await context.store.ledger.apply(entries)
        } catch {
            // Alerts go on from memory; the ledger keeps refused changes for its next success.
            context.telemetry.stateFailures.add()
        }
    }

    private func forgetAll(_ index: Int) async {
        let changes = alerts[index].keys.map { Change(labels: $0, mustSend: false, isGone: true) }
        await save(index, changes)
        alerts[index] = [:]
        written[index] = []
        status.rules[index].alerts = []
    }

    func ledgerKey(_ index: Int, _ labels: LabelSet) -> String {
        ledgerPrefixes[index] + String(labels.fingerprint, radix: 16)
    }

    private func series(of alert: ActiveAlert, phase: String) -> LabelSet {
        alert.labels.setting("__name__", to: "ALERTS").setting("alertstate", to: phase)
    }

    private func clockSeries(of alert: ActiveAlert) -> LabelSet {
        alert.labels.setting("__name__", to: "ALERTS_FOR_STATE")
    }

    func sorted(_ alerts: [LabelSet: ActiveAlert]) -> [ActiveAlert] {
        alerts.values.sorted { $0.labels < $1.labels }
    }

    func outgoing(
        _ alert: ActiveAlert,
        _ rule: Rule,
        interval: Duration,
        at time: Timestamp
    ) -> Alert {
        let options = context.options
        var labels = alert.labels
        for (name, value) in options.externalLabels.pairs where labels[name].isEmpty {
            labels = labels.setting(name, to: value)
        }
        return Alert(
            labels: labels,
            annotations: alert.annotations,
            startsAt: alert.life.firedAt ?? alert.life.activeAt,
            endsAt: alert.life.resolvedAt,
            // Source: Prometheus, rules/alerting.go: `ValidUntil`.
            expiresAt: alert.life.resolvedAt == nil
                ? time + max(interval, options.resendDelay) * 4 : nil,
            updatedAt: time,
            generatorURL: RuleExpansion.link(to: rule, options: options),
            value: alert.value,
            activeAt: alert.life.activeAt,
            firstValue: alert.firstValue,
            expression: rule.expressionText
        )
    }
}
