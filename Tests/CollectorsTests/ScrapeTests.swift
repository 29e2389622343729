// SPDX-License-Identifier: Apache-2.0
// Nightjar
import HTTPFetch
import Samples
import TestSupport
import Testing

@testable import Collectors

@Suite struct ScrapeTests {
    private let client = HTTPClient()

    private func scrape(
        _ body: String,
        status: Int = 200,
        times: Int = 1,
        _ change: (inout ScrapeOptions) -> Void = { _ in }
    ) async -> PollOutcome {
        let server = CannedServer { _ in .body(status, body) }
        var options = ScrapeOptions(job: "app")
        change(&options)
        let target = ScrapeTarget(
            "127.0.0.1:\(server.port)",
            labels: ["instance": "i", "env": "e"]
        )
        var source = ScrapeSource(options, target: target, client: client)
        var outcome = PollOutcome.batch([])
        for _ in 0..<times {
            let slot = PollSlot(time: Timestamp(milliseconds: 0), deadline: .now + .seconds(10))
            outcome = await source.poll(slot)
        }
        return outcome
    }

    private func texts(_ outcome: PollOutcome) -> [String] {
        outcome.families.flatMap(\.samples)
            .filter { $0.labels.metricName != "scrape_duration_seconds" }
            .map { "\($0.labels) \($0.value)" }
    }

    @Test func `a page gets the target's labels and the scrape's own series`() async {
        let outcome = await scrape("# TYPE a counter\na{job=\"x\",b=\"c\"} 1\nbroken\n")
        #expect(
            texts(outcome) == [
                "a{b=\"c\", env=\"e\", exported_job=\"x\", instance=\"i\", job=\"app\"} 1.0",
                "up{env=\"e\", instance=\"i\", job=\"app\"} 1.0",
                "scrape_samples_scraped{env=\"e\", instance=\"i\", job=\"app\"} 1.0",
                "scrape_samples_post_metric_relabeling{env=\"e\", instance=\"i\", job=\"app\"} 1.0",
                "scrape_series_added{env=\"e\", instance=\"i\", job=\"app\"} 1.0",
            ]
        )
        #expect(outcome.droppedSamples == 1)
    }

    @Test func `honoured labels stay, and a second scrape adds no series`() async {
        let outcome = await scrape("a{job=\"x\"} 1\n", times: 2) { $0.honorLabels = true }
        #expect(texts(outcome).first == "a{env=\"e\", instance=\"i\", job=\"x\"} 1.0")
        #expect(texts(outcome).last?.hasSuffix(" 0.0") == true)
    }

    @Test func `a failed scrape says so with up 0`() async {
        let error = await scrape("no", status: 401)
        #expect(error.failure?.reason == .auth)
        #expect(texts(error).first == "up{env=\"e\", instance=\"i\", job=\"app\"} 0.0")
        #expect(texts(error).count == 4)
        let limit = await scrape("a 1\nb 2\n") { $0.sampleLimit = 1 }
        #expect(limit.failure?.reason == .protocol)
        let large = await scrape("a 1\nb 2\n") { $0.bodySizeLimit = 5 }
        #expect(large.failure?.reason == .protocol)
        let other = await scrape("<html>\n")
        #expect(other.failure?.reason == .protocol)
    }

    @Test func `relabelling drops, renames and maps`() throws {
        var replace = RelabelRule(.replace, expression: try RegularExpression("(.*)-(.*)"))
        replace.sourceLabels = ["a", "b"]
        replace.separator = "-"
        replace.targetLabel = "c"
        replace.replacement = "${2}.$1"
        let labels: LabelSet = ["__name__": "n", "a": "1", "b": "2"]
        #expect(RelabelRule.apply([replace], to: labels)?["c"] == "2.1")
        var drop = RelabelRule(.drop, expression: try RegularExpression("n|m"))
        drop.sourceLabels = ["__name__"]
        #expect(RelabelRule.apply([drop], to: labels) == nil)
        let labeldrop = RelabelRule(.labeldrop, expression: try RegularExpression("a"))
        #expect(RelabelRule.apply([labeldrop], to: labels)?.pairs.map(\.name) == ["__name__", "b"])
        var map = RelabelRule(.labelmap, expression: try RegularExpression("(a|b)"))
        map.replacement = "x_$1"
        #expect(RelabelRule.apply([map], to: labels)?["x_b"] == "2")
    }
}
