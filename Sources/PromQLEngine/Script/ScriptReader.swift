// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples
internal import SourceText

/// Reads test scripts: `load`, `clear` and `eval` with the lines that belong to them.
///
/// Source: Prometheus, promql/promqltest/test.go.
struct ScriptReader {
    private let lines: [String]
    private var next = 0

    init(_ text: String) {
        // A commented line counts as blank, and a blank line ends a command.
        // Bytes are split, since a line feed after a carriage return is no character of its own.
        let parts = text.utf8.split(separator: 10, omittingEmptySubsequences: false)
        lines = parts.map { line in
            let trimmed = trim(Substring(line))
            return trimmed.hasPrefix("#") ? "" : trimmed
        }
    }

    /// Reads the next command; nil at the end.
    mutating func command() throws(ScriptError) -> (line: Int, command: ScriptCommand)? {
        while next < lines.count, lines[next].isEmpty { next += 1 }
        guard next < lines.count else { return nil }
        let start = next
        let line = lines[next]
        let word = line.prefix { !$0.isWhitespace }
        next += 1
        do throws(ScriptError) {
            switch word.lowercased() {
            case "clear": return (start + 1, .clear)
            case "load": return (start + 1, try load(line.dropFirst(word.count), false))
            case "load_with_nhcb": return (start + 1, try load(line.dropFirst(word.count), true))
            case let word where word.hasPrefix("eval"):
                return (start + 1, .evaluate(try evaluation(line, at: start)))
            default: throw fault("unknown command \(quoted(String(word)))", at: start)
            }
        } catch {
            // The rest of the command would only be misread.
            while next < lines.count, !lines[next].isEmpty { next += 1 }
            throw error
        }
    }

    private func fault(_ message: String, at index: Int) -> ScriptError {
        ScriptError(line: index + 1, message: message)
    }

    private func duration(
        _ text: some StringProtocol,
        at index: Int
    ) throws(ScriptError) -> Int64 {
        guard let value = milliseconds(String(text)) else {
            throw fault("bad duration \(quoted(String(text)))", at: index)
        }
        return value
    }
}

/// Loading.
extension ScriptReader {
    private mutating func load(
        _ rest: Substring,
        _ withHistograms: Bool
    ) throws(ScriptError) -> ScriptCommand {
        let interval = try duration(trim(rest), at: next - 1)
        var starts: [LabelSet: [Int64?]] = [:]
        var found: [LabelSet: LoadedSeries] = [:]
        var order: [LabelSet] = []
        while next < lines.count, !lines[next].isEmpty {
            defer { next += 1 }
            let line = lines[next]
            let labels: LabelSet
            let rest: Substring
            let values: [SeriesDescription.Value]
            do throws(ParseError) {
                (labels, rest) = try SeriesDescription.labels(of: line)
                values = rest.hasPrefix("@st") ? [] : try SeriesDescription.values(parsing: rest)
            } catch { throw fault(error.message, at: next) }
            guard !rest.hasPrefix("@st") else {
                starts[labels] = try offsets(rest.dropFirst(3), at: next)
                continue
            }
            if found[labels] == nil { order.append(labels) }
            found[labels] = LoadedSeries(
                labels: labels,
                values: values,
                startOffsets: starts[labels] ?? []
            )
        }
        let series = order.compactMap { found[$0] }
        return .load(interval: interval, series, withHistograms: withHistograms)
    }

    /// Reads offsets of start times: `_ -30s-1mx2 0`.
    private func offsets(_ text: Substring, at index: Int) throws(ScriptError) -> [Int64?] {
        var result: [Int64?] = []
        for item in text.split(whereSeparator: \.isWhitespace) {
            let bad = fault("bad start time \(quoted(String(item)))", at: index)
            let parts = item.split(separator: "x", maxSplits: 1, omittingEmptySubsequences: false)
            guard let count = parts.count > 1 ? Int(parts[1]) : 0, count >= 0 else { throw bad }
            if parts[0] == "_" {
                result += Array(repeating: nil, count: parts.count > 1 ? count : 1)
                continue
            }
            let sign = parts[0].dropFirst().lastIndex { $0 == "+" || $0 == "-" }
            let first = sign.map { parts[0][..<$0] } ?? parts[0]
            let step = sign.map { milliseconds(String(parts[0][$0...])) } ?? 0
            guard let start = milliseconds(String(first)), let step else { throw bad }
            for index in 0...count { result.append(start + Int64(index) * step) }
        }
        return result
    }
}

/// Evaluations.
extension ScriptReader {
    private mutating func evaluation(
        _ line: String,
        at index: Int
    ) throws(ScriptError) -> ScriptEvaluation {
        var words = Words(line)
        let command = words.next()
        var moment = ScriptEvaluation.Moment.instant(0)
        switch words.next() {
        case "instant":
            if words.peek() == "at" {
                _ = words.next()
                moment = .instant(try duration(words.next(), at: index))
            }
        case "range":
            guard words.next() == "from" else { throw fault("expected 'from'", at: index) }
            let from = try duration(words.next(), at: index)
            guard words.next() == "to" else { throw fault("expected 'to'", at: index) }
            let through = try duration(words.next(), at: index)
            guard words.next() == "step" else { throw fault("expected 'step'", at: index) }
            let step = try duration(words.next(), at: index)
            guard step > 0, through >= from else { throw fault("bad range", at: index) }
            moment = .range(from: from, through: through, step: step)
        default: throw fault("expected 'instant' or 'range' after \(command)", at: index)
        }
        var result = ScriptEvaluation(line: index + 1, moment: moment, text: words.rest)
        switch command {
        case "eval": break
        case "eval_fail": result.failure.append(.any)
        case "eval_warn": result.warnings.append(.any)
        case "eval_info": result.infos.append(.any)
        case "eval_ordered": result.isOrdered = true
        default: throw fault("unknown command \(quoted(command))", at: index)
        }
        while next < lines.count, !lines[next].isEmpty {
            try expectation(lines[next], &result)
            next += 1
        }
        return result
    }

    private func expectation(
        _ line: String,
        _ result: inout ScriptEvaluation
    ) throws(ScriptError) {
        var words = Words(line)
        switch words.peek() {
        case "expect":
            _ = words.next()
            try expect(&words, &result)
        case "expected_fail_message":
            _ = words.next()
            result.failure = [.message(words.rest)]
        case "expected_fail_regexp":
            _ = words.next()
            result.failure = [.expression(try expression(words.rest))]
        default: try value(line, &result)
        }
    }

    private func expect(
        _ words: inout Words,
        _ result: inout ScriptEvaluation
    ) throws(ScriptError) {
        switch words.next() {
        case "fail": result.failure = [try pattern(words.rest)]
        case "warn": result.warnings.append(try pattern(words.rest))
        case "info": result.infos.append(try pattern(words.rest))
        case "no_warn": result.allowsWarnings = false
        case "no_info": result.allowsInfos = false
        case "ordered": result.isOrdered = true
        case "string":
            guard let expression = try? parseExpression(words.rest),
                case .string(let literal) = expression
            else { throw fault("expected a text in quotes", at: next) }
            result.expected = .string(literal.value)
        case "range":
            guard words.next() == "vector", words.next() == "from" else {
                throw fault("expected 'range vector from A to B step S'", at: next)
            }
            let from = try duration(words.next(), at: next)
            _ = words.next()
            let through = try duration(words.next(), at: next)
            _ = words.next()
            let step = try duration(words.next(), at: next)
            guard step > 0, through >= from else { throw fault("bad range", at: next) }
            let count = Int((through - from) / step) + 1
            result.rangeVector = Steps(start: from, interval: step, count: count)
        default: throw fault("unknown expectation", at: next)
        }
    }

    private func pattern(_ text: String) throws(ScriptError) -> ScriptEvaluation.Pattern {
        if text.isEmpty { return .any }
        if text.hasPrefix("msg:") { return .message(trim(text.dropFirst(4))) }
        guard text.hasPrefix("regex:") else {
            throw fault("expected 'msg:' or 'regex:'", at: next)
        }
        return .expression(try expression(trim(text.dropFirst(6))))
    }

    private func expression(_ text: String) throws(ScriptError) -> RegularExpression {
        do throws(RegularExpressionError) { return try RegularExpression(text) } catch {
            throw fault(error.message, at: next)
        }
    }

    private func value(
        _ line: String,
        _ result: inout ScriptEvaluation
    ) throws(ScriptError) {
        if let number = try? SeriesDescription.values(parsing: line), number.count == 1,
            case .number(let value) = number[0]
        {
            result.expected = .scalar(value)
            return
        }
        do throws(ParseError) {
            var series: [SeriesDescription] = []
            if case .series(let known) = result.expected { series = known }
            series.append(try SeriesDescription(parsing: line))
            result.expected = .series(series)
        } catch { throw fault(error.message, at: next) }
    }
}

/// A line taken word by word.
private struct Words {
    private var left: Substring

    init(_ line: String) { left = line[...] }

    /// What is left, without space around.
    var rest: String { trim(left) }

    func peek() -> String {
        var copy = self
        return copy.next()
    }

    mutating func next() -> String {
        let trimmed = left.drop(while: \.isWhitespace)
        let word = trimmed.prefix { !$0.isWhitespace }
        left = trimmed.dropFirst(word.count)
        return String(word)
    }
}

/// A text without white space at its ends.
private func trim(_ text: some StringProtocol) -> String {
    var text = Substring(text)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
}

/// The milliseconds of a duration with or without a sign, or of plain seconds.
private func milliseconds(_ text: String) -> Int64? {
    let isNegative = text.hasPrefix("-")
    let plain = isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text
    let value =
        durationValue(ofText: plain)?.milliseconds
        ?? Double(plain).map { Timestamp(seconds: $0).milliseconds }
    return value.map { isNegative ? -$0 : $0 }
}
