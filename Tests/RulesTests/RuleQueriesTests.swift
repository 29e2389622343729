// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLEngine
internal import Rules
internal import Samples
internal import SourceText
internal import Storage
internal import Telemetry
internal import Testing

struct RuleQueriesTests {
    @Test func `a rule sees what an earlier one recorded, though it was read before`() async throws
    {
        let store = try await SeriesStore.open(.memory, telemetry: Registry())
        let moment = Timestamp(milliseconds: 1_000_000)
        for (time, value) in [(moment - .seconds(10), 1.0), (moment, 2.0)] {
            store.append([SeriesSample(labels: ["__name__": "source"], value: value)], at: time)
        }
        store.append(
            [SeriesSample(labels: ["__name__": "copy"], value: 1)],
            at: moment - .seconds(10)
        )
        let text = """
            groups:
            - name: g
              rules:
              - {record: before, expr: copy}
              - {record: copy, expr: source}
              - {record: after, expr: copy}
            """
        let file = RuleFile.parse(SourceFile(name: "r.yml", text: text)).file
        let group = try #require(file?.groups.first)
        let engine = QueryEngine(store: store)
        let context = RuleContext(
            store: store,
            telemetry: Registry(),
            now: { moment },
            openQueries: { RuleQueries(engine.session()) },
            send: { _ in }
        )
        await GroupEvaluator(group, context: context, board: RuleGroups()).evaluate(at: moment)
        func value(_ name: String) throws -> Double? {
            let matcher = Matcher("__name__", equals: name)
            return try store.select([matcher], from: moment, through: moment).first?.values.first
        }
        #expect(try value("before") == 1)
        #expect(try value("after") == 2)
    }
}
