// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO

/// The query benchmark of Prometheus over HTTP, against the daemon and against Prometheus itself.
///
/// Both hold the same samples on disk and answer in turn, so that a busy machine slows both. A figure
/// is the median of the times from the request to the last byte.
extension Benchmark {
    static let queries = Benchmark(name: "queries") { report in
        let folder = ".build/benchmark-data/queries"
        let data = try await QueryData.prepare(in: folder, report)
        let prometheus = try await Peer.prometheus(data: folder + "/prometheus")
        defer { prometheus.stop() }
        let nightjar = try await Peer.nightjar(data: folder + "/nightjar")
        defer { nightjar.stop() }
        let wanted = environmentVariable("QUERIES")
        var outcomes: [QueryOutcome] = []
        for one in QueryCase.all where wanted.map({ one.name.contains($0) }) ?? true {
            let outcome = try await measure(
                (one.path(one.expression, data), one.path(one.oldExpression, data)),
                nightjar,
                prometheus,
                one.name
            )
            if let difference = outcome.difference { report.differs(one.name, difference) }
            if wanted != nil { report.note(outcome.description) }
            outcomes.append(outcome)
        }
        guard !outcomes.isEmpty else { return report.note("no query has that in its name") }
        tell(outcomes.sorted { $0.ratio > $1.ratio }, report)
    }
}

/// The times of one case, in seconds.
private struct QueryOutcome {
    var name: String
    var ours: Double
    var theirs: Double
    var difference: String?

    var ratio: Double { ours / theirs }

    var description: String {
        "\(short(ratio))  \(name): \(short(ours * 1e3)) ms to \(short(theirs * 1e3)) ms"
    }
}

/// Asks both in turn, for two seconds or eleven times, after one answer of each that is compared.
private func measure(
    _ paths: (String, String),
    _ nightjar: Peer,
    _ prometheus: Peer,
    _ name: String
) async throws -> QueryOutcome {
    let (path, oldPath) = paths
    let (a, b) = (try await nightjar.timed(path), try await prometheus.timed(oldPath))
    var (ours, theirs) = ([Double](), [Double]())
    let start = ContinuousClock.now
    repeat {
        ours.append(try await nightjar.timed(path).seconds)
        theirs.append(try await prometheus.timed(oldPath).seconds)
    } while ours.count < 11 && ContinuousClock.now - start < .seconds(2)
    return QueryOutcome(
        name: name,
        ours: median(ours),
        theirs: median(theirs),
        difference: try difference(a.body, b.body)
    )
}

private func tell(_ outcomes: [QueryOutcome], _ report: Report) {
    for one in outcomes.prefix(10) { report.note(one.description) }
    report.told("queries: cases", Double(outcomes.count))
    report.atMost("queries: median ratio to Prometheus", median(outcomes.map(\.ratio)), 0.5)
    report.atMost("queries: worst ratio to Prometheus", outcomes[0].ratio, 1.2)
}

/// The middle of some numbers, of which there must be one.
func median(_ numbers: [Double]) -> Double {
    let sorted = numbers.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
