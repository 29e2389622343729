// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Exposition
public import HTTPFetch
internal import Samples
internal import Secrets
public import Storage

/// Scrapes one target of a job, as Prometheus does.
public struct ScrapeCollector: Collector {
    /// What is polled: kind `scrape`, named `JOB/ADDRESS`.
    public let target: TargetID
    private let options: ScrapeOptions
    private let address: ScrapeTarget
    private let client: HTTPClient

    /// Makes the collector of one target; many share one client.
    public init(_ options: ScrapeOptions, target: ScrapeTarget, client: HTTPClient) {
        self.target = TargetID(kind: "scrape", name: "\(options.job)/\(target.address)")
        self.options = options
        address = target
        self.client = client
    }

    /// When it polls.
    public var schedule: PollSchedule { options.schedule }

    /// The job, the page's address and the labels, before and after what is known from the job.
    public var description: TargetDescription {
        var discovered = address.labels
        let parameters = options.params.map { ("__param_" + $0.name, $0.value) }
        for (name, value) in [
            ("__address__", address.address), ("__metrics_path__", options.metricsPath),
            ("__scheme__", options.scheme), ("job", options.job),
        ] + parameters where discovered[name].isEmpty {
            discovered = discovered.setting(name, to: value)
        }
        return TargetDescription(
            pool: options.job,
            url: redacted(url: options.url(of: address)),
            labels: options.labels(of: address),
            discoveredLabels: discovered
        )
    }

    /// Polls until the task is cancelled.
    public func run(_ context: CollectorContext) async {
        await CollectLoop(
            self,
            in: context,
            countersBeginAtZero: options.countersBeginAtZero
        )
        .run(ScrapeSource(options, target: address, client: client))
    }
}

/// The scrapes of one target.
struct ScrapeSource: PollSource {
    private let options: ScrapeOptions
    private let client: HTTPClient
    private let url: String
    private let labels: LabelSet
    private var reader = ExpositionReader()

    init(_ options: ScrapeOptions, target: ScrapeTarget, client: HTTPClient) {
        self.options = options
        self.client = client
        url = options.url(of: target)
        labels = options.labels(of: target)
    }

    mutating func poll(_ slot: PollSlot) async -> PollOutcome {
        let start = ContinuousClock.now
        var outcome: PollOutcome
        var scraped = 0
        var added = 0
        do throws(PollFailure) {
            let page = try await page(slot)
            scraped = page.sampleCount
            added = page.newSeriesCount
            outcome = .batch(
                page.families.filter { !$0.samples.isEmpty },
                droppedSamples: page.faultCount
            )
        } catch {
            reader.miss()
            outcome = PollOutcome(families: [], failure: error)
        }
        let kept = outcome.families.reduce(0) { $0 + $1.samples.count }
        outcome.families += report(
            isUp: outcome.failure == nil,
            seconds: (ContinuousClock.now - start).inSeconds,
            counts: (scraped, kept, added)
        )
        return outcome
    }

    private mutating func page(_ slot: PollSlot) async throws(PollFailure) -> ExpositionPage {
        var request = HTTPFetchRequest(url: url)
        request.headers = [HTTPHeader("Accept", ExpositionFormat.accepted)] + options.headers
        request.authorization = options.authorization
        request.tls = options.tls
        request.maxRedirects = options.followRedirects ? 10 : 0
        request.maxBodyBytes = options.bodySizeLimit > 0 ? options.bodySizeLimit : 64 << 20
        let response: HTTPFetchResponse
        do throws(HTTPFetchError) {
            response = try await client.send(request, before: slot.deadline)
        } catch {
            throw PollFailure(error)
        }
        guard response.status == 200 else {
            throw PollFailure(status: response.status, of: redacted(url: url))
        }
        let format = ExpositionFormat(of: response.header("content-type") ?? "")
        let limit = options.sampleLimit > 0 ? options.sampleLimit : .max
        let labels = StoredLabels(labels, options)
        let page = reader.read(
            response.body,
            format: format,
            maxSamples: limit,
            honorTimes: options.honorTimestamps
        ) { labels.stored($0) }
        guard !page.isCut else {
            throw PollFailure(.protocol, "\(redacted(url: url)): more than \(limit) samples")
        }
        // A page of which nothing was right is no page of metrics.
        if page.sampleCount == 0, let first = page.faults.first {
            let place = "\(redacted(url: url)), line \(first.line)"
            throw PollFailure(.protocol, "\(place): \(first.message)")
        }
        return page
    }

    private func report(
        isUp: Bool,
        seconds: Double,
        counts: (scraped: Int, kept: Int, added: Int)
    ) -> [MetricFamily] {
        func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
            var family = MetricFamily(name: name, kind: .gauge, help: help)
            family.add(value, labels)
            return family
        }
        return [
            gauge("up", "Whether the last scrape succeeded.", isUp ? 1 : 0),
            gauge("scrape_duration_seconds", "How long the scrape took.", seconds),
            gauge("scrape_samples_scraped", "Samples on the page.", Double(counts.scraped)),
            gauge(
                "scrape_samples_post_metric_relabeling",
                "Samples that relabelling left.",
                Double(counts.kept)
            ),
            gauge(
                "scrape_series_added",
                "Series that are new in this scrape.",
                Double(counts.added)
            ),
        ]
    }
}

extension ScrapeOptions {
    /// The address of a target's page.
    fileprivate func url(of target: ScrapeTarget) -> String {
        let path = metricsPath.hasPrefix("/") ? "" : "/"
        let query = params.map { percentEncoded($0.name) + "=" + percentEncoded($0.value) }
        return "\(scheme)://\(target.address)\(path)\(metricsPath)"
            + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    /// The labels that a target's series get.
    fileprivate func labels(of target: ScrapeTarget) -> LabelSet {
        let hidden = target.labels.pairs.filter { $0.name.hasPrefix("__") }
        var labels = target.labels.removing(Set(hidden.map { Symbol($0.name) }))
        if labels["job"].isEmpty { labels = labels.setting("job", to: job) }
        if labels["instance"].isEmpty { labels = labels.setting("instance", to: target.address) }
        return labels
    }
}

/// How the labels of a page become those that are stored.
private struct StoredLabels {
    private let own: LabelSet
    private let honorsPage: Bool
    private let rules: [RelabelRule]

    init(_ target: LabelSet, _ options: ScrapeOptions) {
        own = target
        honorsPage = options.honorLabels
        rules = options.metricRelabeling
    }

    /// A page's labels with the target's, after relabelling; nil where that drops them.
    func stored(_ page: LabelSet) -> LabelSet? {
        var result = page
        for label in own.labels {
            guard let written = page[label.name] else {
                result = result.setting(label.name, to: label.value)
                continue
            }
            guard !honorsPage else { continue }
            var name = "exported_" + label.name.text
            while !result[name].isEmpty { name = "exported_" + name }
            result = result.setting(Symbol(name), to: written).setting(label.name, to: label.value)
        }
        guard !rules.isEmpty else { return result }
        guard let kept = RelabelRule.apply(rules, to: result), !kept.metricName.isEmpty else {
            return nil
        }
        return kept
    }
}

/// A text for a query, with everything but unreserved characters encoded.
private func percentEncoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { result, byte in
        let scalar = Unicode.Scalar(byte)
        if byte < 128,
            scalar.properties.isAlphabetic || (48...57).contains(byte) || "-._~".utf8.contains(byte)
        {
            result.unicodeScalars.append(scalar)
        } else {
            result += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
        }
    }
}
