// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Alerts
import Locking
import PromQLSyntax
import Rules
import Samples
import SourceText
import Storage
import Telemetry
import TestSupport
import Testing

private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1_000) }

/// A group on a store of its own, with answers that the test sets.
private final class Bench: Sendable {
    let answers = Lock<[String: [SeriesSample]]>([:])
    let sent = Lock<[[Alert]]>([])
    let isFailing = Lock(false)
    let board = RuleGroups()
    let store: SeriesStore
    let group: RuleGroup

    init(_ text: String, path: String? = nil) async throws {
        var options = StorageOptions.memory
        options.path = path
        store = try await SeriesStore.open(options, telemetry: Registry())
        let (file, diagnostics) = RuleFile.parse(SourceFile(name: "r.yml", text: text))
        #expect(diagnostics.map(\.rendered) == [])
        group = try #require(file?.groups.first)
    }

    func evaluator() -> GroupEvaluator {
        let context = RuleContext(
            store: store,
            telemetry: Registry(),
            options: RuleOptions(externalLabels: ["cluster": "c1"], externalURL: "http://n"),
            now: { at(0) },
            openQueries: {
                RuleQueries { expression, _ throws(RuleFailure) in
                    guard let answer = self.answers.withLock({ $0["\(expression)"] }) else {
                        throw RuleFailure("no such series")
                    }
                    return answer
                }
            },
            send: { alerts in self.sent.withLock { $0.append(alerts) } },
            isUnknown: { _, _, _ in self.isFailing.withLock { $0 } }
        )
        return GroupEvaluator(group, context: context, board: board)
    }

    func answer(_ expression: String, _ samples: [(LabelSet, Double)]) {
        let samples = samples.map { SeriesSample(labels: $0.0, value: $0.1) }
        answers.withLock { $0[expression] = samples }
    }

    func taken() -> [Alert] {
        sent.withLock { sent in
            defer { sent = [] }
            return sent.flatMap { $0 }
        }
    }

    func values(_ name: String) throws -> [String] {
        try store.select([Matcher("__name__", equals: name)], from: at(0), through: at(100_000))
            .map { series in
                let values = series.values.map { $0.isStalenessMarker ? "end" : "\($0)" }
                return "\(series.labels.setting("__name__", to: "")) \(values)"
            }
    }
}

private let poolRule = """
    groups:
      - name: pools
        interval: 15s
        rules:
          - alert: PoolFull
            expr: use > 0.9
            for: 30s
            labels: {severity: critical, where: "on {{ $labels.server }}"}
            annotations: {summary: "{{ $value | humanizePercentage }} of {{ $labels.server }}"}
    """

struct GroupEvaluatorTests {
    @Test func `an alert is pending, fires, and ends, and each change is told once`() async throws {
        let bench = try await Bench(poolRule)
        let evaluator = bench.evaluator()
        let full: (LabelSet, Double) = (["__name__": "use", "server": "a"], 0.95)
        bench.answer("use > 0.9", [full])
        await evaluator.evaluate(at: at(15))
        #expect(bench.taken() == [])
        #expect(bench.board.all[0].rules[0].alerts.map(\.life.phase) == [.pending])
        await evaluator.evaluate(at: at(45))
        let fired = bench.taken()
        #expect(fired.map(\.annotations) == [["summary": "95% of a"]])
        let labels: LabelSet = [
            "alertname": "PoolFull", "server": "a", "severity": "critical", "where": "on a",
            "cluster": "c1",
        ]
        #expect(fired.map(\.labels) == [labels])
        #expect(fired.map(\.startsAt) == [at(45)])
        #expect(fired.map(\.activeAt) == [at(15)])
        #expect(fired.map(\.expiresAt) == [at(285)])
        #expect(fired[0].generatorURL == "http://n/graph?g0.expr=use+%3E+0.9&g0.tab=1")
        await evaluator.evaluate(at: at(60))
        #expect(bench.taken() == [])
        bench.answer("use > 0.9", [])
        await evaluator.evaluate(at: at(75))
        let ended = bench.taken()
        #expect(ended.map(\.endsAt) == [at(75)])
        #expect(ended.map(\.value) == [0.95])
    }

    @Test func `the series of an alert follow its phase and end with it`() async throws {
        let bench = try await Bench(poolRule)
        let evaluator = bench.evaluator()
        bench.answer("use > 0.9", [(["server": "a"], 0.95)])
        await evaluator.evaluate(at: at(15))
        await evaluator.evaluate(at: at(45))
        bench.answer("use > 0.9", [])
        await evaluator.evaluate(at: at(60))
        let rest = "severity=\"critical\", where=\"on a\"}"
        #expect(
            try bench.values("ALERTS") == [
                "{alertname=\"PoolFull\", alertstate=\"firing\", server=\"a\", \(rest) [\"1.0\", \"end\"]",
                "{alertname=\"PoolFull\", alertstate=\"pending\", server=\"a\", \(rest) [\"1.0\", \"end\"]",
            ]
        )
        #expect(
            try bench.values("ALERTS_FOR_STATE") == [
                "{alertname=\"PoolFull\", server=\"a\", \(rest) [\"15.0\", \"15.0\", \"end\"]"
            ]
        )
    }

    @Test func `a restart keeps the clock of a pending and the start of a firing alert`()
        async throws
    {
        let folder = TemporaryDirectory()
        do {
            let bench = try await Bench(poolRule, path: folder.path)
            let evaluator = bench.evaluator()
            bench.answer("use > 0.9", [(["server": "a"], 0.95)])
            await evaluator.evaluate(at: at(15))
            await bench.store.close()
        }
        do {
            let bench = try await Bench(poolRule, path: folder.path)
            let evaluator = bench.evaluator()
            await evaluator.restore()
            bench.answer("use > 0.9", [(["server": "a"], 0.97)])
            await evaluator.evaluate(at: at(45))
            let fired = bench.taken()
            #expect(fired.map(\.startsAt) == [at(45)])
            #expect(fired.map(\.activeAt) == [at(15)])
            #expect(fired.map(\.firstValue) == [0.95])
            await bench.store.close()
        }
        let bench = try await Bench(poolRule, path: folder.path)
        let evaluator = bench.evaluator()
        await evaluator.restore()
        bench.answer("use > 0.9", [])
        await evaluator.evaluate(at: at(90))
        let ended = bench.taken()
        #expect(ended.map(\.startsAt) == [at(45)])
        #expect(ended.map(\.endsAt) == [at(90)])
        await bench.store.close()
    }

    @Test func `a rule that fails says so and leaves its alerts alone`() async throws {
        let bench = try await Bench(poolRule)
        let evaluator = bench.evaluator()
        bench.answer("use > 0.9", [(["server": "a"], 0.95)])
        await evaluator.evaluate(at: at(15))
        bench.answers.withLock { $0 = [:] }
        await evaluator.evaluate(at: at(30))
        let status = bench.board.all[0].rules[0]
        #expect(status.health == .err)
        #expect(status.lastError == "no such series")
        #expect(status.alerts.count == 1)
    }

    @Test func `two results with the same labels fail the rule`() async throws {
        let bench = try await Bench(
            "groups: [{name: g, rules: [{alert: A, expr: up, labels: {x: y}}]}]"
        )
        bench.answer("up", [(["x": "1"], 1), (["x": "2"], 1)])
        await bench.evaluator().evaluate(at: at(15))
        #expect(bench.taken() == [])
        #expect(bench.board.all[0].rules[0].health == .err)
    }

    @Test func `a firing alert is held while its source fails`() async throws {
        let bench = try await Bench("groups: [{name: g, rules: [{alert: A, expr: up}]}]")
        let evaluator = bench.evaluator()
        bench.answer("up", [(["x": "1"], 1)])
        await evaluator.evaluate(at: at(15))
        #expect(bench.taken().count == 1)
        bench.answer("up", [])
        bench.isFailing.withLock { $0 = true }
        await evaluator.evaluate(at: at(30))
        #expect(bench.taken() == [])
        // The notifier must go on hearing of it, or it would end the alert by itself.
        await evaluator.evaluate(at: at(90))
        let renewed = bench.taken()
        #expect(renewed.map(\.endsAt) == [nil])
        #expect(renewed.map(\.expiresAt) == [at(330)])
        bench.isFailing.withLock { $0 = false }
        await evaluator.evaluate(at: at(105))
        #expect(bench.taken().map(\.endsAt) == [at(105)])
    }

    @Test func `recorded series end where their result does`() async throws {
        let bench = try await Bench(
            "groups: [{name: g, labels: {team: t}, rules: [{record: 'a:b', expr: up}]}]"
        )
        let evaluator = bench.evaluator()
        bench.answer("up", [(["__name__": "up", "x": "1"], 7)])
        await evaluator.evaluate(at: at(15))
        bench.answer("up", [])
        await evaluator.evaluate(at: at(30))
        #expect(try bench.values("a:b") == ["{team=\"t\", x=\"1\"} [\"7.0\", \"end\"]"])
    }

    @Test func `more results than the limit drop all alerts of the rule`() async throws {
        let bench = try await Bench("groups: [{name: g, limit: 1, rules: [{alert: A, expr: up}]}]")
        let evaluator = bench.evaluator()
        bench.answer("up", [(["x": "1"], 1), (["x": "2"], 1)])
        await evaluator.evaluate(at: at(15))
        #expect(bench.taken() == [])
        #expect(bench.board.all[0].rules[0].alerts == [])
        #expect(bench.board.all[0].rules[0].lastError == "exceeded limit of 1 alerts")
    }

    @Test func `a firing alert is told again after the resend delay`() async throws {
        let bench = try await Bench("groups: [{name: g, rules: [{alert: A, expr: up}]}]")
        let evaluator = bench.evaluator()
        bench.answer("up", [(["x": "1"], 1)])
        var told: [Int] = []
        for time in stride(from: Int64(15), through: 150, by: 15) {
            await evaluator.evaluate(at: at(time))
            told.append(bench.taken().count)
        }
        #expect(told == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    }
}
