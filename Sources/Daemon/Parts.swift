// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import EventIO
internal import HTTPFetch
internal import Logging
internal import Notify
internal import PromQLEngine
internal import Rules
internal import Samples
internal import Settings
internal import Storage
internal import Telemetry
internal import WebAPI

/// The parts of the daemon, made and not yet running.
struct Parts: Sendable {
    let settings: Settings
    let telemetry: Registry
    let store: SeriesStore
    let board: PollBoard
    let engine: QueryEngine
    let pipeline: Pipeline
    let ruleFiles: [RuleFile]
    let ruleBoard: RuleGroups
    let collectors: [any Collector]

    /// The host that listens, as it stands in the configuration or on the command line.
    var listenHost: String { settings.web.host.isEmpty ? "127.0.0.1" : settings.web.host }

    /// Everything that runs until it is cancelled.
    func services(log: Log) -> [Service] {
        var services = [
            Service(name: "storage", run: { await store.run() }),
            Service(name: "self-monitoring", run: { try await monitorItself() }),
            Service(
                name: "notifier",
                run: { await pipeline.run(clock: ContinuousClock(), now: wallClock) }
            ),
        ]
        let context = CollectorContext(
            store: store,
            telemetry: telemetry,
            board: board,
            clock: PollClock(now: wallClock),
            log: log
        )
        for collector in collectors {
            services.append(
                Service(name: "\(collector.target)", run: { await collector.run(context) })
            )
        }
        for group in ruleFiles.flatMap(\.groups) {
            let loop = GroupLoop(group, context: ruleContext, board: ruleBoard)
            services.append(
                Service(
                    name: "rules \(group.name)",
                    run: { await loop.run(clock: ContinuousClock()) }
                )
            )
        }
        return services
    }

    /// Rules see the samples through the engine, and the notifier through its pipeline.
    private var ruleContext: RuleContext {
        RuleContext(
            store: store,
            telemetry: telemetry,
            options: RuleOptions(
                evaluationInterval: settings.global.evaluationInterval,
                externalLabels: settings.global.externalLabels,
                externalURL: settings.web.externalURL ?? ""
            ),
            now: wallClock,
            query: { expression, time throws(RuleFailure) in
                do throws(QueryError) {
                    return try await engine.instant(expression, at: time).samples
                } catch {
                    throw RuleFailure(error.message)
                }
            },
            send: { await pipeline.receive($0, now: wallClock()) },
            pollsLanded: { await board.pollsLanded(due: $0, clock: PollClock(now: wallClock)) },
            isSourceFailing: { labels in
                board.targets.contains { entry in
                    entry.outcome?.failure != nil && labels.belong(to: entry.target)
                }
            }
        )
    }

    /// Stores the daemon's own metrics, so that rules see them like any others.
    private func monitorItself() async throws {
        let target = TargetID(kind: "nightjar", name: "self")
        let interval = settings.global.pollInterval
        while true {
            store.append(
                SampleBatch(time: wallClock(), families: telemetry.collect()),
                from: target
            )
            try await Task.sleep(for: interval)
        }
    }
}

/// The wall clock, which nobody below this module reads.
let wallClock: @Sendable () -> Timestamp = { Timestamp(milliseconds: wallClockMilliseconds()) }

extension QueryResult {
    /// The samples of a vector, or a scalar as one sample without labels.
    fileprivate var samples: [SeriesSample] {
        switch value {
        case .vector(let samples):
            samples.map { SeriesSample(labels: $0.labels, value: $0.sample.value) }
        case .scalar(let sample):
            [SeriesSample(labels: .empty, value: sample.value)]
        case .string, .matrix:
            []
        }
    }
}

extension LabelSet {
    /// Whether a series with these labels comes from a target.
    fileprivate func belong(to target: TargetID) -> Bool {
        switch target.kind {
        case "postgres", "redis": self["server"] == target.name
        case "breakers": self["endpoint"] == target.name
        case "kafka": self["cluster"] == target.name
        case "scrape": "\(self["job"])/\(self["instance"])" == target.name
        default: false
        }
    }
}
