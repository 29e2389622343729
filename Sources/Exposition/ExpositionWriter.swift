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
    private let escaping: NameEscaping
    private let added: [(name: String, value: String)]
    private var kept: [String: KeptFamily] = [:]
    private var lastCount = 64 << 10
    /// How many samples of the last page were left out because their series was there before.
    public private(set) var duplicates = 0

    /// Makes a writer of pages.
    ///
    /// - Parameters:
    ///   - format: the format of all its pages.
    ///   - escaping: how names are written that are not plain.
    ///   - added: labels that each series gets which lacks them, in the order in which they come;
    ///     an empty value is written too.
    public init(
        format: ExpositionFormat,
        escaping: NameEscaping = .underscores,
        adding added: [(name: String, value: String)] = []
    ) {
        self.format = format
        self.escaping = escaping
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
        var groups: [String: [MetricFamily]] = [:]
        for family in families where !family.samples.isEmpty {
            groups[escaping.written(metric: family.name), default: []].append(family)
        }
        if kept.count > groups.count { kept = kept.filter { groups[$0.key] != nil } }
        let sorted = groups.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lastCount + lastCount / 8)
        var time = TimeBytes(format)
        duplicates = 0
        for (name, parts) in sorted {
            let clashes = clashes(name, parts[0].kind) { groups[$0] != nil }
            if kept[name]?.fits(parts, clashes) != true {
                kept[name] = KeptFamily(parts, format, escaping, clashes: clashes, adding: added)
            }
            kept[name]?.write(parts, &time, to: &bytes)
            duplicates += kept[name]?.duplicates ?? 0
        }
        if format == .openMetrics { bytes += "# EOF\n".utf8 }
        lastCount = bytes.count
        return bytes
    }
}

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
    private var header: [UInt8] = []
    /// The series in order, those that came before included.
    private var labels: ContiguousArray<LabelSet> = []
    /// Names and labels, one after the other; nothing of a series that came before.
    private var heads: [UInt8] = []
    private var ends: ContiguousArray<Int> = []
    private(set) var duplicates = 0

    init(
        _ parts: [MetricFamily],
        _ format: ExpositionFormat,
        _ escaping: NameEscaping,
        clashes: Bool,
        adding added: [(name: String, value: String)]
    ) {
        self.clashes = clashes
        (kind, help, unit) = (parts[0].kind, parts[0].help, parts[0].unit)
        let text = FamilyText(parts, format, escaping, clashes: clashes, adding: added)
        text.appendHeader(to: &header)
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
        bytes += header
        var place = 0
        var start = 0
        for part in parts {
            for index in part.samples.indices {
                let end = ends[place]
                place += 1
                guard end > start else { continue }
                bytes += heads[start..<end]
                start = end
                bytes.appendShortest(part.samples[index].value)
                if let own = part.samples[index].time { time.append(own, to: &bytes) }
                bytes.append(10)
            }
        }
    }
}

/// Writes times, most of which are that of the sample before.
///
/// Milliseconds in the text format, seconds in OpenMetrics.
private struct TimeBytes {
    private let format: ExpositionFormat
    private var last: Timestamp?
    private var text: [UInt8] = []

    init(_ format: ExpositionFormat) { self.format = format }

    mutating func append(_ time: Timestamp, to bytes: inout [UInt8]) {
        if time != last {
            last = time
            text = [32]
            if format == .text {
                text.appendDecimal(time.milliseconds)
            } else {
                text.appendShortest(time.seconds)
            }
        }
        bytes += text
    }
}
