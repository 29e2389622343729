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
    private struct Key: Hashable {
        let format: ExpositionFormat
        let isCompressed: Bool
    }

    private static let shelfLife = Duration.milliseconds(250)

    private var signature: [TargetID: Timestamp?] = [:]
    private var families: [MetricFamily] = []
    private var made: ContinuousClock.Instant?
    private var pages: [Key: ResponseBuffer] = [:]
    private var text = ExpositionWriter(format: .text)
    private var openMetrics = ExpositionWriter(format: .openMetrics)

    /// Drops what nobody has asked for lately; says whether that was anything.
    func tidy(now: ContinuousClock.Instant) -> Bool {
        guard let made, now - made > SharedPages.pageLife else { return false }
        let isOld = now - made > SharedPages.writerLife
        defer { (pages, families) = ([:], []) }
        guard isOld else { return !pages.isEmpty }
        text = ExpositionWriter(format: .text)
        openMetrics = ExpositionWriter(format: .openMetrics)
        self.made = nil
        return true
    }

    func page(
        _ format: ExpositionFormat,
        isCompressed: Bool,
        of context: WebAPIContext
    ) -> ResponseBuffer {
        refresh(context)
        let key = Key(format: format, isCompressed: isCompressed)
        guard isCompressed else { return plainPage(format) }
        if let page = pages[key] { return page }
        let page = ResponseBuffer(gzipped(plainPage(format).array))
        pages[key] = page
        return page
    }

    private func plainPage(_ format: ExpositionFormat) -> ResponseBuffer {
        let key = Key(format: format, isCompressed: false)
        if let page = pages[key] { return page }
        let page = ResponseBuffer(render(format))
        pages[key] = page
        return page
    }

    private func render(_ format: ExpositionFormat) -> [UInt8] {
        switch format {
        case .text: text.page(families)
        case .openMetrics: openMetrics.page(families)
        }
    }

    private func refresh(_ context: WebAPIContext) {
        let entries = context.board.targets
        let signature = Dictionary(uniqueKeysWithValues: entries.map { ($0.target, $0.slot) })
        let isFresh =
            !pages.isEmpty && made.map { ContinuousClock.now - $0 < Self.shelfLife } ?? false
        guard !isFresh || signature != self.signature else { return }
        self.signature = signature
        families = entries.flatMap { $0.outcome?.families ?? [] } + context.telemetry.collect()
        made = .now
        pages = [:]
    }
}
