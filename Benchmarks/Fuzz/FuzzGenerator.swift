// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Makes random expressions of the language that Prometheus 2.42 and 3 share, correct in type.
///
/// Left out, as they are not the same language in both: functions and aggregations since 2.43,
/// histogram_fraction of buckets, parameters of aggregations that change from step to step, numbers as
/// durations.
struct FuzzGenerator {
    var random: SeededRandom
    /// Whether everything is evaluated once, so that parameters of aggregations need not be constant.
    private(set) var isOnce = false

    init(_ random: SeededRandom) { self.random = random }

    /// An expression for one moment, or for a range of them.
    mutating func root(isInstant: Bool) -> FuzzExpression {
        isOnce = isInstant
        switch random.int(0...99) {
        case 0..<5: return scalar(3)
        case 5..<8 where isInstant: return matrix(random.int(0...2))
        case 8 where isInstant: return .number(random.pick(["\"text\"", "'a\\tb'", "`raw\\n`"]))
        default: return vector(random.int(1...4))
        }
    }

    // MARK: - Vectors

    mutating func vector(_ depth: Int) -> FuzzExpression {
        guard depth > 0 else { return selector() }
        return switch random.int(0...99) {
        case 0..<9: selector()
        case 9..<30: .call(random.pick(Self.rangeFunctions), [matrix(depth - 1)], .vector)
        case 30..<38: counterRate()
        case 38..<44: parametrisedRange(depth)
        case 44..<56: mathFunction(depth)
        case 56..<61: histogramQuantile(depth)
        case 61..<66: labelFunction(depth)
        case 66..<81: aggregation(depth)
        case 81..<97: binary(depth)
        case 97: absence()
        default: .negated(vector(depth - 1))
        }
    }

    private static let rangeFunctions = [
        "avg_over_time", "min_over_time", "max_over_time", "sum_over_time", "count_over_time",
        "last_over_time", "present_over_time", "stddev_over_time", "stdvar_over_time", "changes",
        "resets", "delta", "idelta", "irate", "deriv",
    ]

    private static let mathFunctions = [
        "abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sqrt", "sgn", "sin", "cos", "tan",
        "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "deg", "rad",
        "timestamp", "sort", "sort_desc", "year", "month", "day_of_month", "day_of_week",
        "day_of_year", "days_in_month", "hour", "minute", "abs", "ceil", "floor", "sgn",
        "timestamp",
    ]

    private static let dateFunctions = [
        "year", "month", "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour",
        "minute",
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
        switch random.int(0...9) {
        case 0..<4: return .call("quantile_over_time", [scalar(1), matrix(depth - 1)], .vector)
        case 4..<8: return .call("predict_linear", [matrix(depth - 1), scalar(1)], .vector)
        default:
            // Mostly within 0 and 1, as they must be.
            let factors = ["0.1", "0.5", "0.9", "0.3333", "0.01", "1", "0"]
            let words = (0..<2).map { _ in FuzzExpression.number(random.pick(factors)) }
            return .call("holt_winters", [matrix(depth - 1)] + words, .vector)
        }
    }

    private mutating func mathFunction(_ depth: Int) -> FuzzExpression {
        switch random.int(0...12) {
        case 0: .call("clamp", [vector(depth - 1), scalar(1), scalar(1)], .vector)
        case 1: .call("clamp_min", [vector(depth - 1), scalar(1)], .vector)
        case 2: .call("clamp_max", [vector(depth - 1), scalar(1)], .vector)
        case 3: .call("round", [vector(depth - 1), scalar(1)], .vector)
        case 4: .call("round", [vector(depth - 1)], .vector)
        case 5: .call("vector", [scalar(depth - 1)], .vector)
        case 6: .call(random.pick(Self.dateFunctions), [], .vector)
        default: .call(random.pick(Self.mathFunctions), [vector(depth - 1)], .vector)
        }
    }

    private mutating func histogramQuantile(_ depth: Int) -> FuzzExpression {
        if random.has(chance: 5) {
            let name = random.pick(["histogram_count", "histogram_sum"])
            return .call(name, [vector(depth - 1)], .vector)
        }
        let metric = random.pick(["h_bucket", "p_bucket", "p_bucket"])
        var buckets = FuzzExpression.Selector(name: metric)
        buckets.matchers = matchers(at: 20, of: metric)
        var inner = FuzzExpression.selector(buckets)
        if random.has(chance: 80) {
            buckets.range = range()
            inner = .call(random.pick(["rate", "increase"]), [.selector(buckets)], .vector)
        }
        if random.has(chance: 35) {
            let grouping = random.pick([
                "by (le)", "by (le, job)", "without (job)", "by (job)", "by (le, instance)",
            ])
            inner = .aggregation("sum", parameter: "", grouping: grouping, inner)
        } else if random.has(chance: 15) {
            inner = vector(depth - 1)
        }
        let quantiles = ["0", "0.1", "0.5", "0.9", "0.99", "1", "-1", "2", "NaN", "Inf", "0.3333"]
        let quantile = random.has(chance: 70) ? .number(random.pick(quantiles)) : scalar(1)
        return .call("histogram_quantile", [quantile, inner], .vector)
    }

    private mutating func labelFunction(_ depth: Int) -> FuzzExpression {
        let target = random.pick(["job", "instance", "new", "code", "__name__", "path"])
        let source = random.pick(["job", "instance", "code", "missing", "__name__", "path"])
        if random.has(chance: 35) {
            let separator = random.pick(["-", "", "/", "ü"])
            let sources = (0..<random.int(0...3)).map { _ in random.pick(["job", "code", "path"]) }
            let words = ([target, separator, source] + sources).map { FuzzExpression.quoted($0) }
            return .call("label_join", [vector(depth - 1)] + words, .vector)
        }
        // What is told first where the pattern is wrong and what it is for, too, has changed since.
        let isWrong = random.has(chance: 5)
        let inner = isWrong ? selector() : vector(depth - 1)
        let pattern = isWrong ? "[" : random.pick(FuzzData.replacementPatterns)
        let texts = [
            target,
            random.pick(["$1", "x$1y", "", "fixed", "${1}_", "$0", "$2", "$$", "${n}", "$n"]),
            source, pattern,
        ]
        let words = texts.map { FuzzExpression.quoted($0) }
        return .call("label_replace", [inner] + words, .vector)
    }

    private mutating func aggregation(_ depth: Int) -> FuzzExpression {
        let inner = vector(depth - 1)
        let names = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]
        switch random.int(0...13) {
        case 0...8:
            let name = random.pick(names)
            return .aggregation(name, parameter: "", grouping: grouping(), inner)
        case 9:
            let k = parameter(["0", "1", "2", "3", "100", "-1", "1.7", "NaN", "Inf", "1e300"])
            return .aggregation("topk", parameter: k, grouping: grouping(), inner)
        case 10:
            let k = parameter(["0", "1", "2", "3", "100"])
            return .aggregation("bottomk", parameter: k, grouping: grouping(), inner)
        case 11, 12:
            let quantile = parameter([
                "0", "0.5", "0.9", "1", "-1", "2", "NaN", "0.3333", "Inf", "-Inf", "-0",
            ])
            return .aggregation("quantile", parameter: quantile, grouping: grouping(), inner)
        default:
            let name = random.pick(["\"value\"", "\"job\"", "\"le\"", "\"\\xff\"", "\"__name__\""])
            return .aggregation("count_values", parameter: name, grouping: grouping(), inner)
        }
    }

    private mutating func parameter(_ choices: [String]) -> String {
        isOnce && random.has(chance: 15) ? scalar(2).text : random.pick(choices)
    }

    private mutating func grouping() -> String {
        guard random.has(chance: 70) else { return "" }
        return "\(random.pick(["by", "without"])) (\(labelList()))"
    }

    mutating func labelList() -> String {
        let names = ["job", "instance", "code", "le", "version", "missing", "job", "instance"]
        return (0..<random.int(0...2)).map { _ in random.pick(names) }.joined(separator: ", ")
    }

    // MARK: - Scalars

    mutating func scalar(_ depth: Int) -> FuzzExpression {
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
            "Inf", "-Inf", "1e-3", "0x1F", "60", "1.5", "+2", ".5", "2.", "017", "-0",
        ])
    }

    // MARK: - Ranges

    mutating func range() -> String {
        random.pick(["1m", "2m", "5m", "45s", "3m20s", "10m", "20m", "5m", "16s", "1m500ms", "1h"])
    }

    mutating func matrix(_ depth: Int) -> FuzzExpression {
        if depth > 0, random.has(chance: 25) {
            let wasOnce = isOnce
            isOnce = false
            let inner = vector(depth - 1)
            isOnce = wasOnce
            return subquery(inner)
        }
        guard case .selector(var selector) = selector() else { return selector() }
        selector.range = range()
        return .selector(selector)
    }

    /// A subquery; its range ends with a quarter of a second, so that no point of its grid of whole
    /// seconds is on the left edge, which 2.42 counts in and 3 does not.
    mutating func subquery(_ inner: FuzzExpression) -> FuzzExpression {
        let range = random.pick(["1m", "2m", "5m", "10m"]) + "250ms"
        let step = random.pick(["", "15s", "30s", "1m", "7s", "2m"])
        return .subquery(inner, range: range, step: step, suffix: suffix())
    }
}
