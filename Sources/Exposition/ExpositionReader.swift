// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples
internal import SourceText

extension ExpositionFormat {
    /// Chooses by the `Content-Type` of an answer; anything but OpenMetrics is the text format.
    public init(of contentType: String) {
        let type = contentType.split(separator: ";").first ?? ""
        self =
            type.lowercased().filter { $0 != " " } == "application/openmetrics-text"
            ? .openMetrics : .text
    }
}

/// A line that was left out, and why.
public struct ExpositionFault: Sendable, Hashable {
    /// The line, from 1.
    public let line: Int
    /// What is wrong with it.
    public let message: String
}

/// What a page of metrics says.
public struct ExpositionPage: Sendable {
    /// The families in the page's order; counters are named with their `_total`.
    public internal(set) var families: [MetricFamily] = []
    /// The first faults, at most `ExpositionReader.maxFaults` of them.
    public internal(set) var faults: [ExpositionFault] = []
    /// How many lines were left out.
    public internal(set) var faultCount = 0
    /// How many samples were read, those included whose series are not wanted.
    public internal(set) var sampleCount = 0
    /// How many series are wanted that the page before had not.
    public internal(set) var newSeriesCount = 0
    /// Whether there were more samples than the limit; the rest was left out.
    public internal(set) var isCut = false

    /// Makes an empty page.
    init() {}
}

/// Reads pages of metrics as targets write them; a bad line costs itself and no other.
///
/// Keep one reader a target: it remembers the series of the last page by their text, and a page of
/// the same series then costs a comparison and a number each. Source: Prometheus, model/textparse and
/// scrape's cache, and the OpenMetrics text.
public struct ExpositionReader: Sendable {
    /// Faults that are told with their words; the others are only counted.
    public static let maxFaults = 20

    private var known = KnownSeries()

    /// Makes a reader that remembers nothing.
    public init() {}

    /// Reads a page, of which at most `maxSamples` samples are taken.
    ///
    /// `labels` gives the labels that a series' samples get, or nil where they are not wanted. It is
    /// asked once for a series and must always answer the same.
    public mutating func read(
        _ bytes: [UInt8],
        format: ExpositionFormat,
        maxSamples: Int = .max,
        honorTimes: Bool = true,
        labels: (LabelSet) -> LabelSet? = { $0 }
    ) -> ExpositionPage {
        // Moved, lest it is copied with the first change.
        var known = KnownSeries()
        swap(&known, &self.known)
        known.begin()
        var page = PageReader(bytes: bytes, format: format, known: known, maxSamples: maxSamples)
        known = KnownSeries()
        page.honorsTimes = honorTimes
        page.readLines(labels)
        page.known.end()
        swap(&page.known, &self.known)
        return page.page
    }

    /// Notes that a page was missed, so that all series of the next count as new.
    public mutating func miss() { known.begin() }
}

/// The reading of one page.
private struct PageReader {
    var cursor: ByteCursor
    let format: ExpositionFormat
    let maxSamples: Int
    var honorsTimes = true
    var known: KnownSeries
    var page = ExpositionPage()
    private var line = 0
    /// Families by the name of their samples, filled as names come.
    private var familyOfName: [String: Int] = [:]
    private var familyOfSymbol: [Symbol: Int] = [:]
    private var lastName = Symbol.empty
    /// The family that samples go to, and those of it that are not there yet.
    private var lastFamily = -1
    private var samples: [SeriesSample] = []

    init(bytes: [UInt8], format: ExpositionFormat, known: KnownSeries, maxSamples: Int) {
        cursor = ByteCursor(bytes: bytes)
        self.format = format
        self.known = known
        self.maxSamples = maxSamples
    }

    mutating func readLines(_ labels: (LabelSet) -> LabelSet?) {
        defer { handOver() }
        while cursor.nextLine() {
            line += 1
            do throws(LineFault) {
                cursor.skipBlanks()
                guard let first = cursor.byte else { continue }
                if first == UInt8(ascii: "#") {
                    if try metadata() { return }
                } else if page.sampleCount >= maxSamples {
                    page.isCut = true
                } else {
                    try sample(labels)
                }
            } catch {
                page.faultCount += 1
                if page.faults.count < ExpositionReader.maxFaults {
                    page.faults.append(ExpositionFault(line: line, message: error.message))
                }
            }
        }
    }

    /// Reads a line that starts with `#`; true at OpenMetrics' end.
    private mutating func metadata() throws(LineFault) -> Bool {
        cursor.advance()
        cursor.skipBlanks()
        let keyword = cursor.word()
        if keyword == "EOF", format == .openMetrics { return true }
        guard ["TYPE", "HELP", "UNIT"].contains(keyword) else { return false }
        cursor.skipBlanks()
        let name = try cursor.byte == UInt8(ascii: "\"") ? cursor.quoted() : cursor.word()
        guard !name.isEmpty else { throw LineFault("# \(keyword) without a name") }
        cursor.skipBlanks()
        let rest = cursor.rest()
        let index = declare(name)
        switch keyword {
        case "HELP": page.families[index].help = unescapedHelp(rest)
        case "UNIT": page.families[index].unit = rest
        default: try setKind(rest, of: index, name: name)
        }
        return false
    }

    private mutating func setKind(
        _ word: String,
        of index: Int,
        name: String
    ) throws(LineFault) {
        guard let kind = MetricKind(rawValue: word == "untyped" ? "unknown" : word) else {
            throw LineFault("unknown type '\(word)' of \(name)")
        }
        page.families[index].kind = kind
        // In OpenMetrics the declared name lacks what the samples' names end in.
        guard format == .openMetrics else { return }
        if kind == .counter, !name.hasSuffix("_total") {
            page.families[index].name = name + "_total"
        }
        if kind == .info, !name.hasSuffix("_info") { page.families[index].name = name + "_info" }
    }

    private mutating func declare(_ name: String) -> Int {
        if let index = familyOfName[name] { return index }
        page.families.append(MetricFamily(name: name, kind: .unknown, help: ""))
        familyOfName[name] = page.families.count - 1
        return page.families.count - 1
    }

    private mutating func sample(_ labels: (LabelSet) -> LabelSet?) throws(LineFault) {
        let series: Int
        if let expected = known.take(from: &cursor) {
            series = expected
        } else {
            series = try otherSeries(labels)
        }
        cursor.skipBlanks()
        guard let value = cursor.number() else { throw LineFault("the value is not a number") }
        let time = try timestamp()
        let isNew = known.entries[series].page &+ 1 < known.page
        guard known.mark(series) || time != nil else {
            throw LineFault("a second sample of \(known.entries[series].name.text)")
        }
        page.sampleCount += 1
        guard let wanted = known.entries[series].labels else { return }
        if isNew { page.newSeriesCount += 1 }
        choose(known.entries[series].name)
        samples.append(
            SeriesSample(labels: wanted, value: value, time: honorsTimes ? time : nil)
        )
    }

    /// The series of a line that is not the expected one.
    private mutating func otherSeries(
        _ labels: (LabelSet) -> LabelSet?
    ) throws(LineFault) -> Int {
        let text = try cursor.seriesText()
        if let series = known.find(text) { return series }
        guard !Symbol.isTableFull else { throw LineFault("no room for labels that are new") }
        var parser = SeriesParser(text)
        let written = withBounds(try parser.labels())
        let hash = written.hashBits
        let entry = KnownSeries.Entry(
            name: written[.metricName] ?? .empty,
            hash: hash,
            labels: known.entry(hash) == nil ? labels(written) : nil,
            page: 0
        )
        let series = known.entry(hash) ?? known.add(entry)
        known.add(text, of: series)
        return series
    }

    /// The labels with the bound of a bucket, or a quantile, as every number there is written: `1.0`.
    ///
    /// Libraries differ, and one series must not become two when a service changes its own. Source:
    /// Prometheus 3, model/textparse: `normalizeFloatsInLabelValues`.
    private mutating func withBounds(_ labels: LabelSet) -> LabelSet {
        for name in [Symbol.bucketBound, .quantile] {
            guard let text = labels[name]?.text, let bound = exactNumber(text),
                let family = declaredFamily(of: labels[.metricName]?.text ?? ""),
                page.families[family].kind == (name == .quantile ? .summary : .histogram)
            else { continue }
            return labels.setting(name, to: Symbol(openMetricsText(bound)))
        }
        return labels
    }

    private mutating func timestamp() throws(LineFault) -> Timestamp? {
        cursor.skipBlanks()
        guard let byte = cursor.byte else { return nil }
        if byte == UInt8(ascii: "#"), format == .openMetrics { return nil }
        let word = cursor.word()
        cursor.skipBlanks()
        // What follows can only be an exemplar, which is not kept.
        guard cursor.byte == nil || (cursor.byte == UInt8(ascii: "#") && format == .openMetrics)
        else { throw LineFault("text after the time") }
        if format == .openMetrics {
            guard let seconds = exactNumber(word), seconds.isFinite else {
                throw LineFault("the time is not a number of seconds")
            }
            return Timestamp(seconds: seconds)
        }
        guard let milliseconds = Int64(word) else {
            throw LineFault("the time is not a number of milliseconds")
        }
        return Timestamp(milliseconds: milliseconds)
    }

    /// Makes the family of a metric's name the one that samples go to.
    ///
    /// It is a new one of unknown kind where none was declared.
    private mutating func choose(_ name: Symbol) {
        guard name != lastName else { return }
        lastName = name
        let known = familyOfSymbol[name]
        let family = known ?? family(of: name.text)
        if known == nil { familyOfSymbol[name] = family }
        guard family != lastFamily else { return }
        handOver()
        lastFamily = family
    }

    private mutating func family(of name: String) -> Int {
        declaredFamily(of: name) ?? declare(name)
    }

    /// Brings the samples to their family.
    private mutating func handOver() {
        guard !samples.isEmpty else { return }
        if page.families[lastFamily].samples.isEmpty {
            swap(&page.families[lastFamily].samples, &samples)
        } else {
            page.families[lastFamily].samples += samples
            samples.removeAll(keepingCapacity: true)
        }
    }

    private mutating func declaredFamily(of name: String) -> Int? {
        if let index = familyOfName[name] { return index }
        for (suffix, kinds) in suffixes where name.hasSuffix(suffix) {
            let base = String(name.dropLast(suffix.count))
            guard let index = familyOfName[base], kinds.contains(page.families[index].kind) else {
                continue
            }
            familyOfName[name] = index
            return index
        }
        return nil
    }
}

extension Symbol {
    fileprivate static let bucketBound = Symbol("le")
    fileprivate static let quantile = Symbol("quantile")
}

/// What the names of samples end in, by the kinds that have it; `_created` makes a family itself.
private let suffixes: [(String, Set<MetricKind>)] = [
    ("_bucket", [.histogram, .gaugehistogram]), ("_sum", [.histogram, .summary]),
    ("_count", [.histogram, .summary]), ("_total", [.counter]), ("_info", [.info]),
    ("_gsum", [.gaugehistogram]), ("_gcount", [.gaugehistogram]),
]

/// A help text with `\\` and `\n` replaced.
private func unescapedHelp(_ text: String) -> String {
    guard text.utf8.contains(92) else { return text }
    var result = ""
    var isEscaped = false
    for character in text.unicodeScalars {
        if isEscaped {
            switch character {
            case "n": result += "\n"
            case "\\": result += "\\"
            case "\"": result += "\""
            default: result += "\\\(character)"
            }
            isEscaped = false
        } else if character == "\\" {
            isEscaped = true
        } else {
            result.unicodeScalars.append(character)
        }
    }
    return isEscaped ? result + "\\" : result
}
