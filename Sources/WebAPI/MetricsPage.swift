// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import Exposition
internal import HTTPServer
internal import Samples
internal import Storage
internal import Telemetry

/// The bytes of `/metrics`, rendered at most once a change and shared by all who ask.
///
/// It protects the cached renderings. A page is kept while no poll lands, and for a quarter of a
/// second at most: the daemon's own counters move with every request.
actor MetricsPage {
    private static let shelfLife = Duration.milliseconds(250)
    /// Styles that are kept: readers ask for one or two, and each has all names in memory.
    private static let limit = 3

    private var signature: [TargetID: Timestamp?] = [:]
    private var families: [MetricFamily] = []
    private var made: ContinuousClock.Instant?
    private var writers: [PageStyle: PageWriter] = [:]

    /// Drops what nobody has asked for lately; says whether that was anything.
    func tidy(now: ContinuousClock.Instant) -> Bool {
        guard let made, now - made > SharedPages.pageLife else { return false }
        let isOld = now - made > SharedPages.writerLife
        families = []
        guard isOld else { return dropPages() }
        writers = [:]
        self.made = nil
        return true
    }

    func page(
        _ style: PageStyle,
        isCompressed: Bool,
        of context: WebAPIContext
    ) -> ResponseBuffer {
        refresh(context)
        if writers[style] == nil, writers.count >= Self.limit { writers = [:] }
        let writer = writers[style] ?? PageWriter(style)
        writers[style] = writer
        return writer.page(isCompressed: isCompressed) { families }
    }

    /// Drops the pages; says whether there was one.
    @discardableResult
    private func dropPages() -> Bool {
        let hadPage = writers.values.contains(where: \.hasPage)
        for writer in writers.values { writer.dropPage() }
        return hadPage
    }

    private func refresh(_ context: WebAPIContext) {
        let entries = context.board.targets
        let signature = Dictionary(uniqueKeysWithValues: entries.map { ($0.target, $0.slot) })
        let isFresh =
            !families.isEmpty && made.map { ContinuousClock.now - $0 < Self.shelfLife } ?? false
        guard !isFresh || signature != self.signature else { return }
        self.signature = signature
        families = entries.flatMap { $0.outcome?.families ?? [] } + context.telemetry.collect()
        made = .now
        dropPages()
    }
}
