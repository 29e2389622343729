// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

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
    /// How many samples were read.
    public internal(set) var sampleCount = 0
    /// Whether there were more samples than the limit; the rest was left out.
    public internal(set) var isCut = false

    /// Makes an empty page.
    init() {}
}

/// Reads pages of metrics as targets write them; a bad line costs itself and no other.
///
/// Keep one reader a target: it remembers the label sets of the last page, and a page of the same
/// series then interns nothing. Source: Prometheus, model/textparse, and the OpenMetrics text.
public struct ExpositionReader: Sendable {
    /// Faults that are told with their words; the others are only counted.
    public static let maxFaults = 20

    /// The label sets of the last page by their text, which is the series as written.
    private var known: [String: LabelSet] = [:]

    /// Makes a reader that remembers nothing.
    public init() {}

    /// Reads a page, of which at most `maxSamples` samples are taken.
    public mutating func read(
        _ bytes: [UInt8],
        format: ExpositionFormat,
        maxSamples: Int = .max
    ) -> ExpositionPage {
        var page = PageReader(bytes: bytes, format: format, known: known, maxSamples: maxSamples)
        page.readLines()
        known = page.used
        return page.page
    }
}

/// The reading of one page.
private struct PageReader {
    var cursor: ByteCursor
    let format: ExpositionFormat
    let known: [String: LabelSet]
    let maxSamples: Int
    var used: [String: LabelSet] = [:]
    var page = ExpositionPage()
    private var line = 0
    /// Families by the name of their samples, filled as names come.
    private var familyOfName: [String: Int] = [:]
    private var seen: Set<LabelSet> = []
    private var lastName = ""
    private var lastFamily = -1

    init(
        bytes: [UInt8],
        format: ExpositionFormat,
        known: [String: LabelSet],
        maxSamples: Int
    ) {
        cursor = ByteCursor(bytes: bytes)
        self.format = format
        self.known = known
        self.maxSamples = maxSamples
        used.reserveCapacity(known.count)
        seen.reserveCapacity(known.count)
    }

    mutating func readLines() {
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
                    try sample()
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

    private mutating func sample() throws(LineFault) {
        let text = try cursor.seriesText()
        var labels = known[text] ?? used[text]
        if labels == nil {
            var parser = SeriesParser(text)
            labels = try parser.labels()
        }
        guard let labels else { return }
        cursor.skipBlanks()
        guard let value = cursor.number() else { throw LineFault("the value is not a number") }
        let time = try timestamp()
        guard time != nil || seen.insert(labels).inserted else {
            throw LineFault("a second sample of \(labels)")
        }
        used[text] = labels
        let sample = SeriesSample(labels: labels, value: value, time: time)
        page.families[family(of: labels)].samples.append(sample)
        page.sampleCount += 1
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

    /// The family that a sample belongs to; a new one of unknown kind where none was declared.
    private mutating func family(of labels: LabelSet) -> Int {
        let name = labels.metricName
        if name == lastName { return lastFamily }
        lastName = name
        lastFamily = declaredFamily(of: name) ?? declare(name)
        return lastFamily
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
