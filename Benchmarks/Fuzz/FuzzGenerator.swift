// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Makes random expressions of the language that Prometheus 2.42 and 3 share, correct in type.
///
/// Left out by name, as they are not the same language in both: `holt_winters` (renamed), functions and
/// aggregations since 2.43, parameters of aggregations that are not literal, numbers as durations.
struct FuzzGenerator {
    private var random: SeededRandom

    init(_ random: SeededRandom) { self.random = random }

    mutating func root() -> FuzzExpression {
        random.has(chance: 6) ? scalar(3) : vector(random.int(1...4))
    }

    // MARK: - Vectors

    private mutating func vector(_ depth: Int) -> FuzzExpression {
        guard depth > 0 else { return selector() }
        return switch random.int(0...99) {
        case 0..<10: selector()
        case 10..<34: .call(random.pick(Self.rangeFunctions), [matrix(depth - 1)], .vector)
        case 34..<42: counterRate()
        case 42..<48: parametrisedRange(depth)
        case 48..<60: mathFunction(depth)
        case 60..<63: histogramQuantile(depth)
        case 63..<67: labelFunction(depth)
        case 67..<82: aggregation(depth)
        case 82..<98: binary(depth)
        default: .negated(vector(depth - 1))
        }
    }

    private static let rangeFunctions = [
        "avg_over_time", "min_over_time", "max_over_time", "sum_over_time", "count_over_time",
        "last_over_time", "present_over_time", "absent_over_time", "stddev_over_time",
        "stdvar_over_time", "changes", "resets", "delta", "idelta", "irate", "deriv",
    ]

    private static let mathFunctions = [
        "abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sqrt", "sgn", "sin", "cos", "tan",
        "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "deg", "rad",
        "timestamp", "absent", "sort", "sort_desc", "year", "month", "day_of_month", "day_of_week",
        "day_of_year", "days_in_month", "hour", "minute",
    ]

    /// Rates of counters only: of others the extrapolation differs (#13725).
    private mutating func counterRate() -> FuzzExpression {
        var inner = FuzzExpression.Selector(name: random.pick(FuzzData.counters))
        inner.matchers = matchers(at: 30, of: inner.name)
        let function = random.pick(["rate", "increase"])
        if random.has(chance: 15) {
            return .call(function, [subquery(.selector(inner))], .vector)
        }
        inner.range = range()
        inner.suffix = suffix()
        return .call(function, [.selector(inner)], .vector)
    }

    private mutating func parametrisedRange(_ depth: Int) -> FuzzExpression {
        switch random.int(0...1) {
        case 0: .call("quantile_over_time", [scalar(1), matrix(depth - 1)], .vector)
        default: .call("predict_linear", [matrix(depth - 1), scalar(1)], .vector)
        }
    }

    private mutating func mathFunction(_ depth: Int) -> FuzzExpression {
        switch random.int(0...9) {
        case 0: .call("clamp", [vector(depth - 1), scalar(1), scalar(1)], .vector)
        case 1: .call("clamp_min", [vector(depth - 1), scalar(1)], .vector)
        case 2: .call("clamp_max", [vector(depth - 1), scalar(1)], .vector)
        case 3: .call("round", [vector(depth - 1), scalar(1)], .vector)
        case 4: .call("round", [vector(depth - 1)], .vector)
        case 5: .call("vector", [scalar(depth - 1)], .vector)
        default: .call(random.pick(Self.mathFunctions), [vector(depth - 1)], .vector)
        }
    }

    private mutating func histogramQuantile(_ depth: Int) -> FuzzExpression {
        var buckets = FuzzExpression.Selector(name: "h_bucket")
        buckets.matchers = matchers(at: 20, of: "h_bucket")
        buckets.range = range()
        var inner = FuzzExpression.call(
            random.pick(["rate", "increase"]),
            [.selector(buckets)],
            .vector
        )
        if random.has(chance: 30) {
            let grouping = random.pick(["by (le)", "by (le, job)", "without (job)", "by (job)"])
            inner = .aggregation("sum", parameter: "", grouping: grouping, inner)
        } else if random.has(chance: 20) {
            inner = vector(depth - 1)
        }
        return .call("histogram_quantile", [scalar(1), inner], .vector)
    }

    private mutating func labelFunction(_ depth: Int) -> FuzzExpression {
        let target = random.pick(["job", "instance", "new", "code", "__name__"])
        let source = random.pick(["job", "instance", "code", "missing", "__name__"])
        if random.has(chance: 35) {
            let texts = [
                target, random.pick(["-", "", "/"]), source, random.pick(["job", "code"]),
            ]
            let words = texts.map { FuzzExpression.number("\"\($0)\"") }
            return .call("label_join", [vector(depth - 1)] + words, .vector)
        }
        let texts = [
            target, random.pick(["$1", "x$1y", "", "fixed", "${1}_"]), source,
            random.pick(["(.*)", "(.).*", "a|b", "", "([a-z]+).*", "nothing"]),
        ]
        return .call(
            "label_replace",
            [vector(depth - 1)] + texts.map { .number("\"\($0)\"") },
            .vector
        )
    }

    private mutating func aggregation(_ depth: Int) -> FuzzExpression {
        let inner = vector(depth - 1)
        let names = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]
        switch random.int(0...13) {
        case 0...8:
            let name = random.pick(names)
            return .aggregation(name, parameter: "", grouping: grouping(), inner)
        case 9:
            let k = random.pick(["0", "1", "2", "3", "100", "-1", "1.7", "NaN"])
            return .aggregation("topk", parameter: k, grouping: grouping(), inner)
        case 10:
            let k = random.pick(["0", "1", "2", "3", "100"])
            return .aggregation("bottomk", parameter: k, grouping: grouping(), inner)
        case 11, 12:
            let quantile = random.pick(["0", "0.5", "0.9", "1", "-1", "2", "NaN", "0.3333"])
            return .aggregation("quantile", parameter: quantile, grouping: grouping(), inner)
        default:
            let name = random.pick(["\"value\"", "\"job\"", "\"le\""])
            return .aggregation("count_values", parameter: name, grouping: grouping(), inner)
        }
    }

    private mutating func grouping() -> String {
        guard random.has(chance: 70) else { return "" }
        return "\(random.pick(["by", "without"])) (\(labelList()))"
    }

    private mutating func labelList() -> String {
        let names = ["job", "instance", "code", "le", "version", "missing"]
        return (0..<random.int(0...2)).map { _ in random.pick(names) }.joined(separator: ", ")
    }

    // MARK: - Binary operators

    private static let arithmetic = ["+", "-", "*", "/", "%", "^", "atan2"]
    private static let comparisons = ["==", "!=", ">", "<", ">=", "<="]

    private mutating func binary(_ depth: Int) -> FuzzExpression {
        if random.has(chance: 20) {
            let name = random.pick(["and", "or", "unless"])
            let modifiers = random.has(chance: 50) ? matching() : ""
            return .binary(name, modifiers: modifiers, vector(depth - 1), vector(depth - 1))
        }
        let isComparison = random.has(chance: 40)
        let name = random.pick(isComparison ? Self.comparisons : Self.arithmetic)
        let bool = isComparison && random.has(chance: 40) ? "bool" : ""
        switch random.int(0...9) {
        case 0...2:
            return .binary(name, modifiers: bool, vector(depth - 1), scalar(1))
        case 3:
            return .binary(name, modifiers: bool, scalar(1), vector(depth - 1))
        case 4, 5:
            let same = vector(depth - 1)
            return .binary(name, modifiers: bool, same, same)
        case 6:
            return groupedJoin(name, bool)
        default:
            let words = [bool, random.has(chance: 70) ? matching() : "", groupModifier()]
            let modifiers = words.filter { !$0.isEmpty }
            // A group modifier stands after on or ignoring only.
            let isAlone = !modifiers.contains { $0.hasPrefix("on") || $0.hasPrefix("ignoring") }
            let kept = isAlone ? modifiers.filter { !$0.hasPrefix("group") } : modifiers
            let text = kept.joined(separator: " ")
            return .binary(name, modifiers: text, vector(depth - 1), vector(depth - 1))
        }
    }

    private mutating func matching() -> String {
        "\(random.pick(["on", "ignoring"])) (\(labelList()))"
    }

    private mutating func groupModifier() -> String {
        guard random.has(chance: 30) else { return "" }
        let labels = random.pick(["", "version", "new"])
        return "\(random.pick(["group_left", "group_right"])) (\(labels))"
    }

    /// Joins that find partners, as those of any other shape seldom do.
    private mutating func groupedJoin(_ name: String, _ bool: String) -> FuzzExpression {
        let metric = random.pick(["g", "n", "c_total", "up"])
        let many = FuzzExpression.selector(
            FuzzExpression.Selector(name: metric, matchers: matchers(at: 20, of: metric))
        )
        let (one, on, extra) = random.pick([
            ("w", "on (job)", ""), ("i", "on (job, instance)", "version"),
            ("h_count", "on (job)", ""), ("i", "ignoring (code, version)", "version"),
        ])
        let other = FuzzExpression.selector(FuzzExpression.Selector(name: one))
        let isLeft = random.has(chance: 60)
        let group = "\(isLeft ? "group_left" : "group_right") (\(extra))"
        let words = [bool, on, group].filter { !$0.isEmpty }.joined(separator: " ")
        return isLeft
            ? .binary(name, modifiers: words, many, other)
            : .binary(name, modifiers: words, other, many)
    }

    // MARK: - Scalars

    private mutating func scalar(_ depth: Int) -> FuzzExpression {
        guard depth > 0, random.has(chance: 35) else { return .number(literal()) }
        switch random.int(0...6) {
        case 0: return .call("time", [], .scalar)
        case 1: return .call("pi", [], .scalar)
        case 2, 3: return .call("scalar", [vector(depth - 1)], .scalar)
        case 4: return .negated(scalar(depth - 1))
        case 5:
            let name = random.pick(Self.comparisons)
            return .binary(name, modifiers: "bool", scalar(depth - 1), scalar(depth - 1))
        default:
            let name = random.pick(Self.arithmetic)
            return .binary(name, modifiers: "", scalar(depth - 1), scalar(depth - 1))
        }
    }

    private mutating func literal() -> String {
        random.pick([
            "0", "1", "2", "3", "0.5", "0.9", "0.25", "10", "100", "1e3", "-1", "-0.25", "NaN",
            "Inf",
            "-Inf", "1e-3", "0x1F", "60", "1.5",
        ])
    }

    // MARK: - Selectors and ranges

    private mutating func selector() -> FuzzExpression {
        var selector = FuzzExpression.Selector(
            name: random.pick(FuzzData.counters + FuzzData.gauges)
        )
        selector.matchers = matchers(at: 35, of: selector.name)
        if random.has(chance: 8) {
            selector.name = ""
            selector.matchers.append(
                random.pick([
                    "__name__=~\"g|n\"", "__name__=~\"[gw]\"", "__name__=\"up\"",
                    "job=\"a\",__name__!=\"n\"", "__name__=~\"h_.+\"", "version!=\"\"",
                ])
            )
        }
        selector.suffix = suffix()
        return .selector(selector)
    }

    private mutating func matchers(at percent: Int, of metric: String) -> [String] {
        guard random.has(chance: percent) else { return [] }
        return (0..<random.int(1...2)).map { _ in
            let own = FuzzData.labelNames[metric] ?? []
            let names = own.isEmpty || random.has(chance: 10) ? ["missing", "code", "job"] : own
            let name = random.pick(names)
            let values = FuzzData.labels[name] ?? [""]
            switch random.int(0...6) {
            case 0, 1: return "\(name)=\"\(random.pick(values))\""
            case 2: return "\(name)!=\"\(random.pick(values))\""
            case 3:
                let value = random.pick(values + [".*", ".+", "a|b", "[01]", "(2|0)", "1|x|y"])
                return "\(name)=~\"\(value)\"".escapingPlus
            case 4: return "\(name)!~\"\(random.pick(values + ["a.*", "2|x"]))\"".escapingPlus
            case 5: return "\(name)!=\"\""
            default: return "\(random.pick(names))=\"\""
            }
        }
    }

    private mutating func suffix() -> String {
        var parts: [String] = []
        if random.has(chance: 12) {
            parts.append(" offset \(random.pick(["1m", "5m", "-2m", "7s", "-31s", "1h"]))")
        }
        if random.has(chance: 8) {
            let seconds = FuzzData.startMs / 1_000 + Int64(random.int(-100...2_600))
            parts.append(" @ \(random.pick(["\(seconds).5", "start()", "end()"]))")
        }
        return (random.has(chance: 50) ? parts : parts.reversed()).joined()
    }

    private mutating func range() -> String {
        random.pick(["1m", "2m", "5m", "45s", "3m20s", "10m", "20m", "5m", "16s"])
    }

    private mutating func matrix(_ depth: Int) -> FuzzExpression {
        if depth > 0, random.has(chance: 25) { return subquery(vector(depth - 1)) }
        guard case .selector(var selector) = selector() else { return selector() }
        selector.range = range()
        return .selector(selector)
    }

    /// A subquery; its range ends with a quarter of a second, so that no point of its grid of whole
    /// seconds is on the left edge, which 2.42 counts in and 3 does not.
    private mutating func subquery(_ inner: FuzzExpression) -> FuzzExpression {
        let range = random.pick(["1m", "2m", "5m", "10m"]) + "250ms"
        let step = random.pick(["", "15s", "30s", "1m", "7s", "2m"])
        return .subquery(inner, range: range, step: step, suffix: suffix())
    }
}

extension String {
    /// The value `+Inf` as a regular expression.
    fileprivate var escapingPlus: String {
        hasSuffix("\"+Inf\"") ? String(dropLast(6)) + "\"[+]Inf\"" : self
    }
}
