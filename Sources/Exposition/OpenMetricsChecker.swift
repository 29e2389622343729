// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples

/// Checks a page against OpenMetrics 1.0 to the letter; nil where it is right.
///
/// Returns the first fault. Source: the OpenMetrics text, sections "ABNF" and "Metric types".
public func openMetricsFault(in bytes: [UInt8]) -> ExpositionFault? {
    guard let text = String(validating: bytes, as: UTF8.self) else {
        return ExpositionFault(line: 1, message: "not UTF-8")
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    var checker = OpenMetricsChecker()
    for (index, line) in lines.enumerated() {
        do throws(LineFault) {
            try checker.take(line)
        } catch {
            return ExpositionFault(line: index + 1, message: error.message)
        }
    }
    return checker.isEnded
        ? nil : ExpositionFault(line: max(1, lines.count), message: "'# EOF' is missing")
}

/// The state between the lines of a page.
private struct OpenMetricsChecker {
    private(set) var isEnded = false
    private var family: CheckedFamily?
    private var reserved: Set<String> = []

    mutating func take(_ line: String) throws(LineFault) {
        guard !isEnded else { throw LineFault("text after '# EOF'") }
        guard !line.isEmpty else { throw LineFault("an empty line") }
        if line == "# EOF" {
            try closeFamily()
            isEnded = true
        } else if line.hasPrefix("#") {
            try metadata(line)
        } else {
            var parser = StrictLine(line)
            let sample = try parser.sample()
            if family?.owns(sample.name) != true { try open(sample.name) }
            try family?.take(sample)
        }
    }

    private mutating func metadata(_ line: String) throws(LineFault) {
        let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "#", isMetricName(String(parts[2])) else {
            throw LineFault("a line of metadata that is not '# TYPE|HELP|UNIT NAME TEXT'")
        }
        if family?.name != String(parts[2]) { try open(String(parts[2])) }
        try family?.declare(String(parts[1]), String(parts[3]))
    }

    private mutating func open(_ name: String) throws(LineFault) {
        try closeFamily()
        guard !reserved.contains(name) else { throw LineFault("\(name) stood before") }
        family = CheckedFamily(name: name)
    }

    private mutating func closeFamily() throws(LineFault) {
        guard var last = family else { return }
        try last.close()
        let names = last.sampleNames.union([last.name])
        guard reserved.isDisjoint(with: names) else {
            throw LineFault("the names of \(last.name) clash with others")
        }
        reserved.formUnion(names)
        family = nil
    }
}

/// A sample with the texts that strictness asks for.
struct StrictSample {
    var name = ""
    var labels: [(name: String, value: String)] = []
    var value = 0.0
    var time: Double?
    var hasExemplar = false
}

/// Reads a sample's line where every blank counts.
struct StrictLine {
    private var scalars: ArraySlice<Unicode.Scalar>

    init(_ line: String) { scalars = Array(line.unicodeScalars)[...] }

    mutating func sample() throws(LineFault) -> StrictSample {
        var sample = StrictSample()
        sample.name = String(String.UnicodeScalarView(scalars.prefix { $0 != " " && $0 != "{" }))
        scalars = scalars.dropFirst(sample.name.unicodeScalars.count)
        guard isMetricName(sample.name) else { throw LineFault("not a metric's name") }
        if scalars.first == "{" { sample.labels = try labels() }
        try blank()
        sample.value = try number("value")
        guard !scalars.isEmpty else { return sample }
        try blank()
        if scalars.first != "#" {
            sample.time = try finite("time")
            guard !scalars.isEmpty else { return sample }
            try blank()
        }
        try exemplar()
        sample.hasExemplar = true
        return sample
    }

    private mutating func exemplar() throws(LineFault) {
        guard scalars.popFirst() == "#" else { throw LineFault("text after the sample") }
        try blank()
        guard scalars.first == "{" else { throw LineFault("an exemplar without labels") }
        let length = try labels().reduce(0) {
            $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count
        }
        guard length <= 128 else { throw LineFault("an exemplar's labels over 128 characters") }
        try blank()
        _ = try number("exemplar's value")
        guard !scalars.isEmpty else { return }
        try blank()
        _ = try finite("exemplar's time")
        guard scalars.isEmpty else { throw LineFault("text after the exemplar") }
    }

    private mutating func blank() throws(LineFault) {
        guard scalars.popFirst() == " " else { throw LineFault("one blank is missing") }
    }

    private mutating func number(_ what: String) throws(LineFault) -> Double {
        let text = String(String.UnicodeScalarView(scalars.prefix { $0 != " " }))
        scalars = scalars.dropFirst(text.unicodeScalars.count)
        guard let number = exactNumber(text) else { throw LineFault("the \(what) is not a number") }
        return number
    }

    private mutating func finite(_ what: String) throws(LineFault) -> Double {
        let number = try number(what)
        guard number.isFinite else { throw LineFault("the \(what) is not finite") }
        return number
    }

    private mutating func labels() throws(LineFault) -> [(name: String, value: String)] {
        scalars.removeFirst()
        var result: [(name: String, value: String)] = []
        if scalars.first == "}" {
            scalars.removeFirst()
            return result
        }
        while true {
            let name = String(String.UnicodeScalarView(scalars.prefix { $0 != "=" }))
            scalars = scalars.dropFirst(name.unicodeScalars.count)
            guard isMetricName(name), !name.contains(":") else {
                throw LineFault("not a label's name")
            }
            guard scalars.popFirst() == "=", scalars.popFirst() == "\"" else {
                throw LineFault("label \(name) has no value in quotes")
            }
            guard !result.contains(where: { $0.name == name }) else {
                throw LineFault("label \(name) stands twice")
            }
            result.append((name, try quotedRest()))
            switch scalars.popFirst() {
            case "}": return result
            case ",": continue
            default: throw LineFault("',' or '}' is missing after label \(name)")
            }
        }
    }

    private mutating func quotedRest() throws(LineFault) -> String {
        var raw: [UInt8] = []
        while let scalar = scalars.popFirst() {
            if scalar == "\"" { return unescaped(raw[...]) }
            raw += String(scalar).utf8
            if scalar == "\\", let next = scalars.popFirst() { raw += String(next).utf8 }
        }
        throw LineFault("a quote is not closed")
    }
}

/// Whether a text is a metric's name: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
func isMetricName(_ text: String) -> Bool {
    var cursor = ByteCursor(bytes: Array(text.utf8))
    guard cursor.nextLine() else { return false }
    _ = cursor.name(allowsColon: true)
    return cursor.byte == nil
}
