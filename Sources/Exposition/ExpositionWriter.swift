// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples
internal import SourceText

/// Writes families as the bytes of a page of metrics.
///
/// Families of one name become one block, under the first one's kind and help; a series that came
/// before is left out. A writer keeps what it rendered of each series' name and labels: from page to
/// page mostly the values change.
public struct ExpositionWriter: ~Copyable {
    private let format: ExpositionFormat
    private let added: [(name: String, value: String)]
    private var kept: [String: KeptFamily] = [:]
    private var lastCount = 64 << 10
    private var lastPackedCount = 16 << 10
    /// What the codes of the next compressed page are made for.
    private var counts = DeflateCounts()
    private var advances = CheckAdvances()
    /// How many samples of the last page were left out because their series was there before.
    public private(set) var duplicates = 0

    /// Makes a writer of pages.
    ///
    /// - Parameters:
    ///   - format: the format of all its pages.
    ///   - added: labels that each series gets which lacks them, in the order in which they come;
    ///     an empty value is written too.
    public init(format: ExpositionFormat, adding added: [(name: String, value: String)] = []) {
        self.format = format
        self.added = added
    }

    /// Renders one page of all `families`, sorted by name.
    public static func page(_ families: [MetricFamily], format: ExpositionFormat) -> [UInt8] {
        var writer = ExpositionWriter(format: format)
        return writer.page(families)
    }

    /// Renders a page of all `families`, sorted by name.
    ///
    /// - Complexity: linear in the samples, besides what changed in the list of series of a family.
    public mutating func page(_ families: [MetricFamily]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lastCount + lastCount / 8)
        var time = TimeBytes(format)
        for (name, parts) in keep(families) {
            kept[name]?.write(parts, &time, to: &bytes)
        }
        if format == .openMetrics { bytes += ending.utf8 }
        lastCount = bytes.count
        return bytes
    }

    /// Renders a page as `page` does, compressed by gzip.
    ///
    /// It takes less time than the page itself: of what a family's series are called only what
    /// differs from series to series is written.
    ///
    /// - Complexity: linear in the samples, besides what changed in the list of series of a family.
    public mutating func gzippedPage(_ families: [MetricFamily]) -> [UInt8] {
        var stream = GzipStream(
            DeflateCodes(counts),
            capacity: lastPackedCount + lastPackedCount / 8
        )
        var time = TimeBytes(format)
        for (name, parts) in keep(families) {
            kept[name]?.write(parts, &time, to: &stream, &advances)
        }
        if format == .openMetrics { stream.write(Array(ending.utf8).span) }
        counts = stream.counts
        let bytes = stream.finish()
        lastPackedCount = bytes.count
        return bytes
    }

    /// Renders what is new of the families and forgets those that are gone; returns them by name.
    private mutating func keep(_ families: [MetricFamily]) -> [(String, [MetricFamily])] {
        var groups: [String: [MetricFamily]] = [:]
        for family in families where !family.samples.isEmpty {
            groups[writtenName(family.name), default: []].append(family)
        }
        if kept.count > groups.count { kept = kept.filter { groups[$0.key] != nil } }
        duplicates = 0
        for (name, parts) in groups {
            let clashes = clashes(name, parts[0].kind) { groups[$0] != nil }
            if kept[name]?.fits(parts, clashes) != true {
                kept[name] = KeptFamily(parts, format, clashes: clashes, adding: added)
            }
            duplicates += kept[name]?.duplicates ?? 0
        }
        return groups.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { ($0.key, $0.value) }
    }
}

/// What a page of OpenMetrics ends with.
private let ending = "# EOF\n"

extension ExpositionWriter {
    /// Whether a family loses its ending in OpenMetrics and so gets the name of another.
    ///
    /// Go's programs have a gauge `go_memstats_alloc_bytes` beside the counter of that name with `_total`.
    private func clashes(
        _ name: String,
        _ kind: MetricKind,
        _ exists: (String) -> Bool
    ) -> Bool {
        guard format == .openMetrics, let suffix = kind.openMetricsSuffix, name.hasSuffix(suffix)
        else { return false }
        return exists(String(name.dropLast(suffix.count)))
    }
}

/// What was rendered of a family and is true as long as its list of series is the same.
private struct KeptFamily {
    private let kind: MetricKind
    private let help: String
    private let unit: String
    private let clashes: Bool
    private var headerCount = 0
    /// The series in order, those that came before included.
    private var labels: ContiguousArray<LabelSet> = []
    /// The header, and the series' names and labels, one after the other; nothing of a series that
    /// came before.
    private var heads: [UInt8] = []
    private var ends: ContiguousArray<Int> = []
    /// What the texts in `heads` repeat of each other, once a compressed page was asked for.
    private var known: KnownTexts?
    private(set) var duplicates = 0

    init(
        _ parts: [MetricFamily],
        _ format: ExpositionFormat,
        clashes: Bool,
        adding added: [(name: String, value: String)]
    ) {
        self.clashes = clashes
        (kind, help, unit) = (parts[0].kind, parts[0].help, parts[0].unit)
        let text = FamilyText(parts, format, clashes: clashes, adding: added)
        text.appendHeader(to: &heads)
        headerCount = heads.count
        let count = parts.reduce(0) { $0 + $1.samples.count }
        var seen = Set<LabelSet>(minimumCapacity: count)
        // Different names may be written alike.
        var written: Set<ArraySlice<UInt8>> = []
        let isAmbiguous = parts.contains { $0.name != parts[0].name }
        labels.reserveCapacity(count)
        ends.reserveCapacity(count)
        for part in parts {
            for sample in part.samples {
                labels.append(sample.labels)
                let start = heads.count
                if seen.insert(sample.labels).inserted {
                    text.appendHead(of: sample.labels, to: &heads)
                }
                if isAmbiguous, !written.insert(heads[start...]).inserted {
                    heads.removeSubrange(start...)
                }
                if heads.count == start { duplicates += 1 }
                ends.append(heads.count)
            }
        }
    }

    /// Whether the family's parts have the series that were rendered, in the same order.
    func fits(_ parts: [MetricFamily], _ clashes: Bool) -> Bool {
        guard clashes == self.clashes, parts[0].kind == kind, parts[0].help == help,
            parts[0].unit == unit,
            parts.reduce(0, { $0 + $1.samples.count }) == labels.count
        else { return false }
        var place = 0
        for part in parts {
            for index in part.samples.indices {
                guard part.samples[index].labels == labels[place] else { return false }
                place += 1
            }
        }
        return true
    }

    func write(_ parts: [MetricFamily], _ time: inout TimeBytes, to bytes: inout [UInt8]) {
        bytes += heads[..<headerCount]
        var place = 0
        var start = headerCount
        for part in parts {
            for index in part.samples.indices {
                let end = ends[place]
                place += 1
                guard end > start else { continue }
                bytes += heads[start..<end]
                start = end
                bytes.appendShortest(part.samples[index].value)
                if let own = part.samples[index].time {
                    time.append(own, to: &bytes)
                } else {
                    bytes.append(10)
                }
            }
        }
    }

    mutating func write(
        _ parts: [MetricFamily],
        _ time: inout TimeBytes,
        to stream: inout GzipStream,
        _ advances: inout CheckAdvances
    ) {
        let known = self.known ?? KnownTexts(heads, [headerCount] + ends, &advances)
        self.known = known
        let (heads, pieces) = (heads.span, known.pieces.span)
        stream.write(
            heads.extracting(..<headerCount),
            pieces.extracting(..<known.ends[0]),
            known.sums[0],
            advances
        )
        var place = 0
        var start = headerCount
        var text: [UInt8] = []
        for part in parts {
            for index in part.samples.indices {
                let end = ends[place]
                place += 1
                guard end > start else { continue }
                stream.write(
                    heads.extracting(start..<end),
                    pieces.extracting(known.ends[place - 1]..<known.ends[place]),
                    known.sums[place],
                    advances
                )
                start = end
                text.removeAll(keepingCapacity: true)
                text.appendShortest(part.samples[index].value)
                if let own = part.samples[index].time {
                    stream.write(text.span)
                    time.append(own, to: &stream)
                } else {
                    text.append(10)
                    stream.write(text.span)
                }
            }
        }
    }
}

/// Writes the end of a line with its time; most times are that of the sample before.
///
/// Milliseconds in the text format, seconds in OpenMetrics.
private struct TimeBytes {
    private let format: ExpositionFormat
    private var last: Timestamp?
    private var text: [UInt8] = []
    /// Where the last one stands in a compressed page.
    private var earlier: Int?

    init(_ format: ExpositionFormat) { self.format = format }

    /// Writes a time and the end of the line.
    mutating func append(_ time: Timestamp, to bytes: inout [UInt8]) {
        render(time)
        bytes += text
    }

    /// Writes a time and the end of the line.
    mutating func append(_ time: Timestamp, to stream: inout GzipStream) {
        render(time)
        let place = stream.position
        stream.write(text.span, earlier: earlier)
        earlier = place
    }

    private mutating func render(_ time: Timestamp) {
        guard time != last else { return }
        (last, earlier) = (time, nil)
        text = [32]
        if format == .text {
            text.appendDecimal(time.milliseconds)
        } else {
            text.appendShortest(time.seconds)
        }
        text.append(10)
    }
}
