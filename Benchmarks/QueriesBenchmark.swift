// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO

/// The query benchmark of Prometheus over HTTP, against the daemon and against Prometheus itself.
///
/// Both hold the same samples on disk and answer in turn, so that a busy machine slows both. A figure
/// is the median of the times from the request to the last byte. With `LIVE=1` the samples come by
/// remote write into both servers as they run, and neither is restarted before the questions.
extension Benchmark {
    static let queries = Benchmark(name: "queries") { report in
        let isLive = environmentVariable("LIVE") != nil
        let folder = ".build/benchmark-data/queries" + (isLive ? "-live" : "")
        let data =
            isLive
            ? try QueryData.beginning(in: folder) : try await QueryData.prepare(in: folder, report)
        let prometheus = try await Peer.prometheus(data: folder + "/prometheus")
        defer { prometheus.stop() }
        let nightjar = try await Peer.nightjar(data: folder + "/nightjar")
        defer { nightjar.stop() }
        if isLive {
            try await data.fill(nightjar)
            try await data.fill(prometheus)
        }
        let cases = QueryCase.all.map { one in
            PairedQuery(
                name: one.name,
                ours: one.path(one.expression, data),
                theirs: one.path(one.oldExpression, data)
            )
        }
        let outcomes = try await compare(cases, nightjar, prometheus, report)
        guard !outcomes.isEmpty else { return }
        report.atMost("queries: median ratio to Prometheus", median(outcomes.map(\.ratio)), 0.5)
        report.atMost("queries: worst ratio to Prometheus", outcomes[0].ratio, 1.2)
    }
}

/// A question to both servers.
struct PairedQuery {
    var name: String
    /// The request's path and query, for each of them.
    var ours: String
    var theirs: String
}

/// What one question took, in seconds; of CPU, the mean of all times that it was asked.
struct QueryOutcome {
    var name: String
    var ours: Double
    var theirs: Double
    var ourCPU: Double
    var theirCPU: Double
    var difference: String?

    var ratio: Double { ours / theirs }
    var ratioOfCPU: Double { ourCPU / theirCPU }

    var description: String {
        "\(short(ratio))  \(name): \(short(ours * 1e3)) ms to \(short(theirs * 1e3)) ms,"
            + " of CPU \(short(ourCPU * 1e3)) ms to \(short(theirCPU * 1e3)) ms"
    }
}

/// Asks all questions whose name contains `QUERIES`, tells the worst, and returns all, worst first.
func compare(
    _ cases: [PairedQuery],
    _ nightjar: Peer,
    _ prometheus: Peer,
    _ report: Report
) async throws -> [QueryOutcome] {
    let wanted = environmentVariable("QUERIES")
    var outcomes: [QueryOutcome] = []
    for one in cases where wanted.map({ one.name.contains($0) }) ?? true {
        let outcome = try await measure(one, nightjar, prometheus)
        if let difference = outcome.difference { report.differs(one.name, difference) }
        if wanted != nil { report.note(outcome.description) }
        outcomes.append(outcome)
    }
    outcomes.sort { $0.ratio > $1.ratio }
    guard !outcomes.isEmpty else {
        report.note("no query has that in its name")
        return []
    }
    for one in outcomes.prefix(10) { report.note(one.description) }
    report.told("queries: cases", Double(outcomes.count))
    report.told("queries: median ratio of CPU", median(outcomes.map(\.ratioOfCPU)))
    return outcomes
}

/// Asks both in turn, for two seconds or eleven times, after one answer of each that is compared.
private func measure(
    _ one: PairedQuery,
    _ nightjar: Peer,
    _ prometheus: Peer
) async throws -> QueryOutcome {
    let (a, b) = (try await nightjar.timed(one.ours), try await prometheus.timed(one.theirs))
    var (ours, theirs) = ([Double](), [Double]())
    let (ourCPU, theirCPU) = (nightjar.cpuSeconds, prometheus.cpuSeconds)
    let start = ContinuousClock.now
    repeat {
        ours.append(try await nightjar.timed(one.ours).seconds)
        theirs.append(try await prometheus.timed(one.theirs).seconds)
    } while ours.count < 11 && ContinuousClock.now - start < .seconds(2)
    return QueryOutcome(
        name: one.name,
        ours: median(ours),
        theirs: median(theirs),
        ourCPU: (nightjar.cpuSeconds - ourCPU) / Double(ours.count),
        theirCPU: (prometheus.cpuSeconds - theirCPU) / Double(theirs.count),
        difference: try difference(a.body, b.body)
    )
}

/// The middle of some numbers, of which there must be one.
func median(_ numbers: [Double]) -> Double {
    let sorted = numbers.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
