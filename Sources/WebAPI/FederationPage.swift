// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Exposition
internal import HTTPServer
internal import Samples
internal import Storage

/// The pages of `/federate`, rendered at most once a change and shared by all who ask for the same.
///
/// It protects what is kept for each set of selectors: the list of series, their rendered names and
/// labels, and the last page.
actor FederationPage {
    private struct Key: Hashable {
        let selectors: [[Matcher]]
        let style: PageStyle
    }

    /// Sets of selectors that are kept; a Prometheus asks for one.
    private static let limit = 8
    /// How long a page is true without an append; samples grow old meanwhile.
    private static let shelfLife = Duration.seconds(1)

    private var queries: [Key: FederatedQuery] = [:]

    /// The page for selectors, compressed or plain.
    ///
    /// - Throws: `StorageError` where the disk cannot be read.
    func page(
        _ selectors: [[Matcher]],
        _ style: PageStyle,
        isCompressed: Bool,
        of context: WebAPIContext
    ) throws -> ResponseBuffer {
        let key = Key(selectors: selectors, style: style)
        let query =
            queries[key]
            ?? FederatedQuery(selectors, style, adding: addedLabels(context.externalLabels))
        if queries[key] == nil { makeRoom() }
        queries[key] = query
        query.asked = .now
        let (now, version) = (context.now(), context.store.version)
        if query.version != version || now - query.time >= Self.shelfLife || now < query.time {
            try query.read(context.store, version, now, lookback: context.lookback)
        }
        return query.page(isCompressed: isCompressed)
    }

    /// Drops what nobody has asked for lately; says whether that was anything.
    func tidy(now: ContinuousClock.Instant) -> Bool {
        let count = queries.count
        queries = queries.filter { now - $0.value.asked <= SharedPages.writerLife }
        var hasDropped = queries.count < count
        for query in queries.values where now - query.asked > SharedPages.pageLife {
            hasDropped = query.dropPage() || hasDropped
        }
        return hasDropped
    }

    private func makeRoom() {
        guard queries.count >= Self.limit,
            let oldest = queries.min(by: { $0.value.time < $1.value.time })
        else { return }
        queries[oldest.key] = nil
    }

    /// External labels go to each series that lacks them; without one for `instance`, an empty one
    /// keeps the reader from taking our address for the series' instance.
    ///
    /// Source: Prometheus, web/federate.go.
    private func addedLabels(_ labels: LabelSet) -> [(name: String, value: String)] {
        let pairs = labels.pairs
        guard !pairs.contains(where: { $0.name == "instance" }) else { return pairs }
        return (pairs + [("instance", "")]).sorted { $0.name < $1.name }
    }
}

/// What is kept for one set of selectors; only its actor touches it.
private final class FederatedQuery {
    /// Series of one metric, as places in the list of the newest samples.
    private struct Group {
        private let places: ContiguousArray<Int>
        /// The places of the family's samples: of the series that have not ended.
        private var shown: ContiguousArray<Int> = []
        private(set) var family: MetricFamily

        init(_ name: String, _ places: ContiguousArray<Int>) {
            self.places = places
            family = MetricFamily(name: name, kind: .unknown, help: "")
        }

        /// Takes over new values and times in place, as long as the same series are there.
        mutating func update(_ latest: LatestSamples) {
            var count = 0
            for place in places where !latest.values[place].isStalenessMarker {
                guard count < shown.count, shown[count] == place else { return build(latest) }
                family.samples[count].value = latest.values[place]
                family.samples[count].time = Timestamp(milliseconds: latest.times[place])
                count += 1
            }
            if count < shown.count { build(latest) }
        }

        private mutating func build(_ latest: LatestSamples) {
            shown = places.filter { !latest.values[$0].isStalenessMarker }
            family.samples = shown.map { place in
                SeriesSample(
                    labels: latest.labels[place],
                    value: latest.values[place],
                    time: Timestamp(milliseconds: latest.times[place])
                )
            }
        }
    }

    private var latest: LatestSamples
    private let writer: PageWriter
    private var generation: UInt64?
    private var groups: [Group] = []
    /// The store's version that the page shows.
    private(set) var version: UInt64?
    private(set) var time = Timestamp(milliseconds: .min)
    /// When somebody asked last.
    var asked = ContinuousClock.now

    init(
        _ selectors: [[Matcher]],
        _ style: PageStyle,
        adding added: [(name: String, value: String)]
    ) {
        latest = LatestSamples(selectors)
        writer = PageWriter(style, adding: added)
    }

    func page(isCompressed: Bool) -> ResponseBuffer {
        writer.page(isCompressed: isCompressed) { groups.map(\.family) }
    }

    /// Drops the page, which is rendered again for who asks; says whether there was one.
    func dropPage() -> Bool {
        guard version != nil else { return false }
        version = nil
        writer.dropPage()
        return true
    }

    /// Reads the newest samples, which the next page shows.
    func read(
        _ store: SeriesStore,
        _ version: UInt64,
        _ now: Timestamp,
        lookback: Duration
    ) throws {
        try store.read(&latest, from: now - lookback + .milliseconds(1), through: now)
        if generation != latest.generation { group() }
        for index in groups.indices { groups[index].update(latest) }
        writer.dropPage()
        (self.version, time) = (version, now)
    }

    /// Sorts the series by metric; those without a name are left out, as Prometheus does.
    private func group() {
        generation = latest.generation
        var places: [Symbol: ContiguousArray<Int>] = [:]
        for (place, labels) in latest.labels.enumerated() {
            guard let name = labels[Symbol.metricName] else { continue }
            places[name, default: []].append(place)
        }
        groups = places.map { Group($0.key.text, $0.value) }
    }
}
