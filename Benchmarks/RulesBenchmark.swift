// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import PromQLEngine
internal import PromQLSyntax
internal import Rules
internal import Samples
internal import SourceText
internal import Storage
internal import Telemetry

/// One evaluation of a group of 1,000 rules that look at 100,000 series, here and in Prometheus.
///
/// Counters grow by the same each time, so that it does not matter when a server evaluates, and what
/// the rules recorded can be compared.
extension Benchmark {
    static let rules = Benchmark(name: "rules") { report in
        let folder = ".build/benchmark-data/rules"
        try ChildProcess.run(["rm", "-rf", folder])
        try ChildProcess.run(["mkdir", "-p", folder])
        try writeText(RuleData.file, to: folder + "/all.rules.yml")
        let data = RuleData(start: wallClockMilliseconds() - 8 * 60_000)
        let theirs = try await inPrometheus(folder, data)
        let ours = try await here(data)
        report.note("rules: \(short(ours.seconds)) s to \(short(theirs.seconds)) s")
        let (mine, other) = (ours.recorded, theirs.recorded)
        if !(abs(mine - other) <= 1e-9 * abs(other)) {
            report.differs("rules: sum of what was recorded", "\(mine), not \(other)")
        }
        let ratio = ours.seconds / theirs.seconds
        report.atMost("rules: 1,000 over 100,000 series, to Prometheus", ratio, 0.5)
    }
}

/// How long an evaluation took, and the sum of the rates that it recorded.
private struct RuleOutcome {
    var seconds: Double
    var recorded: Double
}

private let checkedExpression = "sum({__name__=~\"rate_.*\"})"

private func inPrometheus(_ folder: String, _ data: RuleData) async throws -> RuleOutcome {
    let configuration = """
        global: {evaluation_interval: 20s}
        rule_files: [all.rules.yml]
        """
    let server = try await Peer.prometheus(data: folder, configuration: configuration)
    defer { server.stop() }
    for body in data.bodies { _ = try await server.answer("/api/v1/write", body: body) }
    let group = "{rule_group=\"\(folder)/all.rules.yml;all\"}"
    func moment() async throws -> Double {
        try await server.metric("prometheus_rule_group_last_evaluation_timestamp_seconds" + group)
            ?? 0
    }
    var times: [Double] = []
    var last = try await moment()
    // The first that ends after all was written may have begun before.
    for _ in 0..<600 where times.count < 4 {
        try await Task.sleep(for: .milliseconds(500))
        let now = try await moment()
        guard now != last else { continue }
        last = now
        let name = "prometheus_rule_group_last_duration_seconds" + group
        times.append(try await server.metric(name) ?? .nan)
    }
    guard times.count == 4 else { throw BenchmarkError("prometheus evaluates no rules") }
    let answer = try await server.answer(
        "/api/v1/query?query=sum(%7B__name__%3D~%22rate_.*%22%7D)"
    )
    let result = try JSONValue.parse(answer)["data"]?["result"]?[0]?["value"]?[1]?.string
    return RuleOutcome(
        seconds: median(Array(times.dropFirst())),
        recorded: result.flatMap { Double($0) } ?? .nan
    )
}

private func here(_ data: RuleData) async throws -> RuleOutcome {
    let store = try await SeriesStore.open(.memory, telemetry: Registry())
    data.append(to: store)
    let engine = QueryEngine(store: store)
    let context = RuleContext(
        store: store,
        telemetry: Registry(),
        now: { Timestamp(milliseconds: wallClockMilliseconds()) },
        openQueries: { RuleQueries(engine.session()) },
        send: { _ in }
    )
    let source = SourceFile(name: "all.rules.yml", text: RuleData.file)
    guard let group = RuleFile.parse(source).file?.groups.first else {
        throw BenchmarkError("the rules do not parse")
    }
    let evaluator = GroupEvaluator(group, context: context, board: RuleGroups())
    var times: [Double] = []
    var moment = Timestamp(milliseconds: wallClockMilliseconds())
    for _ in 0..<3 {
        let start = ContinuousClock.now
        moment = moment + .seconds(1)
        await evaluator.evaluate(at: moment)
        times.append((ContinuousClock.now - start) / .seconds(1))
    }
    let result = try await engine.instant(try parseExpression(checkedExpression), at: moment)
    guard case .vector(let rows) = result.value, let row = rows.first else {
        throw BenchmarkError("nothing was recorded")
    }
    return RuleOutcome(seconds: median(times), recorded: row.sample.value)
}
