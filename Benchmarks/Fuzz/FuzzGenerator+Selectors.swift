// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Selectors, their matchers, and what follows them.
extension FuzzGenerator {
    mutating func selector() -> FuzzExpression {
        var selector = FuzzExpression.Selector(
            name: random.pick(FuzzData.counters + FuzzData.gauges)
        )
        if random.has(chance: 8) { selector.name = "u" }
        selector.matchers = matchers(at: selector.name == "u" ? 80 : 30, of: selector.name)
        if random.has(chance: 6) {
            selector.name = ""
            selector.matchers.append(
                random.pick([
                    "__name__=~\"g|n\"", "__name__=~\"[gw]\"", "__name__=\"up\"",
                    "job=\"a\",__name__!=\"n\"", "__name__=~\"h_.+\"", "version!=\"\"",
                    "__name__=~'(?i)P_BUCKET|W'", "__name__!~`.*_.*`,job=~\".+\"",
                ])
            )
        }
        selector.suffix = suffix()
        return .selector(selector)
    }

    /// A selector as the API takes it for series.
    mutating func plainSelector() -> String {
        guard case .selector(var selector) = selector() else { return "up" }
        selector.suffix = ""
        // The engines have series of their own, some of whose labels have the same names.
        if selector.name.isEmpty { selector.matchers.append(FuzzData.anyMetric) }
        return FuzzExpression.selector(selector).text
    }

    /// Whether something is absent, with matchers that give the answer labels.
    mutating func absence() -> FuzzExpression {
        var selector = FuzzExpression.Selector(name: random.pick(["nothing", "up", "g"]))
        let values = [
            "job=\"a\"", "job=\"z\"", "instance=~\"9\"", "code=\"\"", "job=\"z\"", "path=\"ü\"",
        ]
        selector.matchers = (0..<random.int(0...3)).map { _ in random.pick(values) }
        selector.suffix = suffix()
        switch random.int(0...3) {
        case 0:
            selector.range = range()
            return .call("absent_over_time", [.selector(selector)], .vector)
        case 1:
            let inner = FuzzExpression.selector(selector)
            return .call("absent_over_time", [subquery(inner)], .vector)
        case 2:
            let sum = FuzzExpression.aggregation(
                "sum",
                parameter: "",
                grouping: "",
                .selector(selector)
            )
            return .call("absent", [sum], .vector)
        default: return .call("absent", [.selector(selector)], .vector)
        }
    }

    mutating func matchers(at percent: Int, of metric: String) -> [String] {
        guard random.has(chance: percent) else { return [] }
        let own = FuzzData.labelNames[metric] ?? []
        return (0..<(random.has(chance: 20) ? 2 : 1)).map { _ in
            if metric == "u", random.has(chance: 80) { return textMatcher() }
            let names = own.isEmpty || random.has(chance: 6) ? ["missing", "code", "job"] : own
            let name = random.pick(names)
            let values = FuzzData.labels[name] ?? [""]
            switch random.int(0...9) {
            case 0...2: return "\(name)=\(quoted(random.pick(values)))"
            case 3, 4: return "\(name)!=\(quoted(random.pick(values)))"
            case 5, 6:
                let more = [".*", ".+", "a|b", "[01]", "(2|0)", "1|x|y", "(a|b|200|500|0|1)"]
                return "\(name)=~\(quoted(random.pick(values + more).escapingPlus))"
            case 7:
                return "\(name)!~\(quoted(random.pick(values + ["a.*", "2|x"]).escapingPlus))"
            case 8: return "\(name)!=\"\""
            default: return "\(random.pick(["missing", "version", name]))=\"\""
            }
        }
    }

    /// A matcher on the label whose values are texts of all kinds.
    private mutating func textMatcher() -> String {
        let operation = random.pick(["=~", "=~", "!~", "=", "!="])
        let isPattern = operation.hasSuffix("~")
        let choices = isPattern ? FuzzData.patterns : FuzzData.texts
        return "path\(operation)\(quoted(random.pick(choices)))"
    }

    /// A text in one of the language's quotes.
    private mutating func quoted(_ text: String) -> String {
        switch random.int(0...9) {
        case 0 where !text.contains("`"): "`\(text)`"
        case 1: FuzzExpression.quote(text, by: "'")
        default: FuzzExpression.quote(text, by: "\"")
        }
    }

    mutating func suffix() -> String {
        var parts: [String] = []
        if random.has(chance: 12) {
            let offsets = ["1m", "5m", "-2m", "7s", "-31s", "1m", "90s", "-5m", "20m", "1h"]
            parts.append(" offset \(random.pick(offsets))")
        }
        if random.has(chance: 8) {
            let seconds = FuzzData.startMs / 1_000 + Int64(random.int(0...2_400))
            parts.append(" @ \(random.pick(["\(seconds).5", "start()", "end()"]))")
        }
        return (random.has(chance: 50) ? parts : parts.reversed()).joined()
    }
}

extension String {
    /// The value `+Inf` as a regular expression.
    fileprivate var escapingPlus: String { self == "+Inf" ? "[+]Inf" : self }
}

extension FuzzExpression {
    /// A text as an argument.
    static func quoted(_ text: String) -> FuzzExpression { .number(quote(text, by: "\"")) }

    /// A text between quotes.
    static func quote(_ text: String, by mark: Character) -> String {
        var result = String(mark)
        for character in text.unicodeScalars {
            if character == "\\" || Character(character) == mark { result.append("\\") }
            result.unicodeScalars.append(character)
        }
        return result + String(mark)
    }
}
