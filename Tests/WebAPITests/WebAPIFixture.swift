// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import Collectors
internal import HTTPServer
internal import Samples
internal import SourceText
internal import Storage
internal import Telemetry
internal import WebAPI

/// A context over a store in memory, with a target that is up and one that is down.
struct WebAPIFixture {
    static let now = Timestamp(milliseconds: 1_700_000_000_000)
    var context: WebAPIContext

    init() async throws {
        let registry = Registry()
        let store = try await SeriesStore.open(.memory, telemetry: registry)
        let board = PollBoard()
        let up = TargetID(kind: "redis", name: "cache")
        let down = TargetID(kind: "postgres", name: "main")
        let schedule = PollSchedule(interval: .seconds(15), timeout: .seconds(5))
        var family = MetricFamily(name: "redis_connected_clients", kind: .gauge, help: "Clients.")
        family.add(7, ["server": "cache"])
        _ = store.append(SampleBatch(time: Self.now, families: [family]), from: up)
        board.add(up, schedule: schedule)
        board.add(down, schedule: schedule)
        board.land(.batch([family]), of: up, slot: Self.now, took: .milliseconds(3))
        let failure = PollOutcome.failure(.auth, "log in to main: password <wrong>")
        board.land(failure, of: down, slot: Self.now, took: .milliseconds(2))
        let queries = QueryPort(
            instant: { query, time in
                let labels: LabelSet = ["__name__": query.text]
                let infos = query.text == "noisy" ? (1...12).map { "info \($0)" } : []
                return QueryAnswer(
                    .vector([(labels, Sample(time: time, value: .nan))]),
                    infos: infos
                )
            },
            range: { _, from, through, _ in
                let times: ContiguousArray = [from.milliseconds, through.milliseconds]
                let series = SeriesSamples(
                    labels: ["a": "b"],
                    times: times,
                    values: [1, .infinity]
                )
                return QueryAnswer(.matrix([series]), warnings: ["careful"])
            }
        )
        context = WebAPIContext(
            store: store,
            board: board,
            telemetry: registry,
            queries: queries,
            now: { Self.now },
            build: BuildInformation(version: "0.0.1", revision: "abc")
        )
        context.rules = { [Self.group] }
        context.notifications = { [Self.attempt] }
    }

    private static var group: RuleGroupReport {
        let alert = AlertReport(
            labels: ["alertname": "PoolExhausted", "service": "auth"],
            annotations: ["summary": "Pool of <auth> is full"],
            phase: .firing,
            activeAt: now - .seconds(130),
            value: 0.9375
        )
        return RuleGroupReport(
            name: "pools",
            file: "rules/pools.rules.yml",
            interval: .seconds(15),
            lastEvaluation: now,
            evaluationTime: .milliseconds(2),
            rules: [
                RuleReport(name: "pool:use", query: "a / b", lastEvaluation: now),
                RuleReport(
                    name: "PoolExhausted",
                    query: "pool:use > 0.9",
                    labels: ["severity": "critical"],
                    lastEvaluation: now,
                    alerting: AlertingReport(pendingFor: .seconds(120), alerts: [alert])
                ),
            ]
        )
    }

    private static var attempt: NotificationReport {
        NotificationReport(
            deliveryID: "d-1",
            receiver: "oncall",
            integration: "slack",
            group: "{}",
            alerts: ["PoolExhausted"],
            attempt: 2,
            time: now,
            duration: .milliseconds(40),
            statusCode: 503,
            error: "server_error",
            outcome: "retrying"
        )
    }

    /// The answer to a request, without a socket.
    func answer(
        _ target: String,
        method: String = "GET",
        headers: [HTTPField] = [],
        body: String = ""
    ) async throws -> (status: Int, contentType: String, text: String) {
        var headers = headers
        if !body.isEmpty {
            headers.append(HTTPField("Content-Type", "application/x-www-form-urlencoded"))
        }
        let request = HTTPRequest(
            method: method,
            target: target,
            headers: headers,
            body: Array(body.utf8)
        )
        let response = try await Routes(context).answer(request)
        let bytes: [UInt8] =
            switch response.body {
            case .bytes(let bytes): bytes
            case .buffer(let buffer): buffer.array
            case .stream: []
            }
        let type = response.headers.first { $0.name == "Content-Type" }?.value ?? ""
        return (response.status, type, String(decoding: bytes, as: UTF8.self))
    }
}
