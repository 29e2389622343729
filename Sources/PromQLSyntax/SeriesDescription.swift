// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// A series of a test as the test language writes it: `name{label="value"} 1 2 _ 4+1x3`.
///
/// Source: Prometheus, promql/parser: `ParseSeriesDesc`.
public struct SeriesDescription: Sendable, Hashable {
    /// One value in the row.
    public enum Value: Sendable, Hashable {
        /// Nothing at this step.
        case omitted
        /// A number; `stale` is the staleness marker.
        case number(Double)
        /// A native histogram, which is not read further.
        case histogram
    }

    /// How many values a row may have: a slip of the hand must not fill the memory.
    private static let maxValues = 10_000_000

    /// The labels, the name among them.
    public var labels: LabelSet
    /// The values, a step each.
    public var values: [Value]

    /// Reads labels and values.
    ///
    /// - Throws: `ParseError` with the place in the text.
    public init(parsing text: String) throws(ParseError) {
        let (labels, rest) = try Self.labels(of: text)
        self.labels = labels
        values = try Self.values(parsing: rest)
    }

    /// Reads the labels at the beginning of a text.
    ///
    /// - Parameter text: labels, and more after a space or an `@`.
    /// - Returns: the labels, and the text after them.
    /// - Throws: `ParseError` where the text begins with no labels.
    public static func labels(
        of text: String
    ) throws(ParseError) -> (labels: LabelSet, rest: Substring) {
        let end = endOfLabels(text.utf8)
        var parser = Parser(String(Substring(text.utf8[..<end])), options: .standard)
        let selector = try parser.wholeSelector()
        guard selector.matchers.allSatisfy({ $0.kind == .equal }) else {
            throw ParseError("a series has plain labels only", at: selector.range, in: text)
        }
        let pairs = selector.matchers.map { ($0.name.text, $0.value) }
        return (LabelSet(pairs), Substring(text.utf8[end...]))
    }

    private static func endOfLabels(_ bytes: String.UTF8View) -> String.Index {
        var quote: UInt8?
        var isEscaped = false
        var isInside = false
        for index in bytes.indices {
            let byte = bytes[index]
            if let open = quote {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\"), open != UInt8(ascii: "`") {
                    isEscaped = true
                } else if byte == open {
                    quote = nil
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): quote = byte
            case UInt8(ascii: "{"): isInside = true
            case UInt8(ascii: "}"): return bytes.index(after: index)
            case UInt8(ascii: "@") where !isInside: return index
            case _ where !isInside && isSpace(byte): return index
            default: break
            }
        }
        return bytes.endIndex
    }
}

/// The row of values.
extension SeriesDescription {
    /// Reads a row of values: `1 _ 2x3 0+10x5 stale`.
    ///
    /// - Parameter text: values with spaces between.
    /// - Returns: one value a step.
    /// - Throws: `ParseError` with the place in the text.
    public static func values(parsing text: some StringProtocol) throws(ParseError) -> [Value] {
        let whole = String(text)
        var result: [Value] = []
        for item in items(whole) {
            let shown = quotedText(String(item.text))
            let count = (repetitions(item.text) ?? 0).addingReportingOverflow(result.count)
            guard count.partialValue < maxValues, !count.overflow else {
                let message = "more than \(maxValues) values in a series: \(shown)"
                throw ParseError(message, at: item.range, in: whole)
            }
            guard let values = values(ofItem: item.text) else {
                throw ParseError("bad value in a series: \(shown)", at: item.range, in: whole)
            }
            result += values
        }
        return result
    }

    /// Splits at spaces outside the braces of histograms.
    private static func items(_ text: String) -> [(text: Substring, range: SourceRange)] {
        var result: [(text: Substring, range: SourceRange)] = []
        var start: Int?
        var depth = 0
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "{") { depth += 1 }
            if byte == UInt8(ascii: "}") { depth -= 1 }
            let isBetween = isSpace(byte) && depth == 0
            if let first = start, isBetween {
                result.append((slice(text, first..<index), first..<index))
                start = nil
            } else if start == nil, !isBetween {
                start = index
            }
        }
        if let start { result.append((slice(text, start..<bytes.count), start..<bytes.count)) }
        return result
    }

    private static func slice(_ text: String, _ range: SourceRange) -> Substring {
        let bytes = text.utf8
        let start = bytes.index(bytes.startIndex, offsetBy: range.lowerBound)
        return text[start..<bytes.index(start, offsetBy: range.count)]
    }

    private static func values(ofItem item: Substring) -> [Value]? {
        if item.contains("{{") {
            guard let count = repetitions(item) else { return [.histogram] }
            return count < 0 ? nil : Array(repeating: .histogram, count: count + 1)
        }
        if item == "_" { return [.omitted] }
        if item.hasPrefix("_x") {
            return Int(item.dropFirst(2)).map { Array(repeating: .omitted, count: max(0, $0)) }
        }
        var rest = item
        guard let first = number(&rest) else { return nil }
        if rest.isEmpty { return [.number(first)] }
        var step = 0.0
        if rest.first != "x" {
            guard rest.first == "+" || rest.first == "-", let signed = number(&rest) else {
                return nil
            }
            step = signed
        }
        guard rest.first == "x", let count = Int(rest.dropFirst()), count >= 0 else { return nil }
        // The steps are added one by one, as Prometheus does, so that rounding agrees.
        var value = first
        var result = [Value.number(first)]
        for _ in 0..<count {
            value += step
            result.append(.number(value))
        }
        return result
    }

    /// The number behind the last `x`, which may be in no histogram.
    private static func repetitions(_ item: Substring) -> Int? {
        guard let place = item.lastIndex(of: "x"),
            place > item.lastIndex(of: "}") ?? item.startIndex
        else { return nil }
        return Int(item[item.index(after: place)...])
    }

    /// Takes a number with its sign off the front: digits, `Inf`, `NaN` or `stale`.
    private static func number(_ text: inout Substring) -> Double? {
        let sign = text.first == "-" ? -1.0 : 1.0
        var rest = text.first == "-" || text.first == "+" ? text.dropFirst() : text
        let word = rest.prefix { $0.isASCII && $0.isLetter && $0 != "x" }
        if !word.isEmpty {
            let named: [String: Double] = ["inf": .infinity, "nan": .nan]
            let value = word == "stale" ? .stalenessMarker : named[word.lowercased()]
            text = rest.dropFirst(word.count)
            return value.map { $0.isStalenessMarker || $0.isNaN ? $0 : sign * $0 }
        }
        let start = rest
        var hasExponent = false
        while let next = rest.first {
            if next == "e" || next == "E", !hasExponent {
                hasExponent = true
                rest = rest.dropFirst()
                if rest.first == "+" || rest.first == "-" { rest = rest.dropFirst() }
            } else if next == "." || (next.isASCII && next.isNumber) {
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        guard let value = Double(start[..<rest.startIndex]) else { return nil }
        text = rest
        return sign * value
    }
}
