// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A series that both engines are fed with.
struct FuzzSeries {
    let labels: [(String, String)]
    var samples: [(time: Int64, value: Double)] = []
}

/// Samples of all kinds, made by a seed.
///
/// Times have odd milliseconds and queries are asked at half seconds, so that no sample lies on the edge
/// of a range: Prometheus 2.42 counts the left edge in, Prometheus 3 does not. Values are such that sums
/// are exact, as Prometheus 3 sums with compensation and 2.42 does not. Counters are large beside what
/// they grow by, resets included, as the extrapolation towards zero differs after a gap (#13725).
struct FuzzData {
    /// New Year's Eve, 23:40, so that every part of a date changes.
    static let startMs: Int64 = 1_767_225_600_000 - 1_200_000
    static let minutes = 40
    static var endMs: Int64 { startMs + Int64(minutes) * 60_000 }

    static let counters = ["c_total", "h_bucket", "h_count", "h_sum", "p_bucket"]
    static let gauges = ["g", "n", "w", "s", "up", "i"]
    private static let metrics = counters + gauges + ["u"]
    /// The matcher that finds all series of these and no others.
    static let anyMetric = "__name__=~\"\(metrics.joined(separator: "|"))\""
    static let labels: [String: [String]] = [
        "job": ["a", "b"], "instance": ["0", "1", "2"], "code": ["200", "500"],
        "le": ["0.5", "2.5", "10.5", "+Inf"], "version": ["x", "y"], "path": texts,
    ]
    static let labelKeys = ["__name__", "job", "instance", "le", "version", "path", "missing"]

    /// Values of the label `path`, of the metric `u`: what patterns and quotes stumble over.
    static let texts = [
        "a", "A", "ab", "/a/b", "a.b", "a+b", "a\"b", "a\\b", "a'b", "x y", "ü", "Ü", "é",
        "e\u{301}",
        "日本", "Ωmega", "ſ", "K", "0", "-", "%", "{a}", "a]", "\t", "🙂",
    ]

    /// Regular expressions of all shapes; the last are wrong.
    static let patterns = [
        "", ".*", ".+", ".", "..", "a.*", "a.+", ".*b", ".*a.*", "(?i)a", "(?i)a.*", "(?i:ü)",
        "(?i)k",
        "(?i)s", "(?i)ωMEGA", "a|b", "a|", "|a", "()", "(a|b|)", "a{1,3}", "(ab)?", "x{0}", "a??",
        "a*?",
        "(?s).", "(?m)^a$", "^a$", "^", "$", "^$", "\\ba\\b", "(?P<n>a)b?", "[a-zA-Z/]+", "/a/.+",
        ".{1,2}", "\\S+\\s\\S", "(?U)a.*", "[\\]a]+", "a\\+b", "[ä-ü]", "é", "日.", "\\W", "\\w+",
        "\\d", "\\D+", "[^a-z]+", "[[:alpha:]]+", "[[:^alpha:]]", "\\pL+", "\\p{Greek}.*",
        "[\\p{L}]",
        "\\PL", "\\x{fc}", "\\x61", "\\Qa.b\\E", "\\Aa\\z", "a(?:b|\\.b|\\+b)", "(a|A)(b)?",
        "a|ab|日本",
        "a.b|/a/b|x y", "(?i)(a|ab)", "[^\\x00-\\x7F]+", "\\t", "🙂", "[🙂ü]", "a|.b", "(a.*|b.*)",
        "[", "(", "*a", "a{2,1}", "(?z)", "a**", "x{1001}", "(?P<n>a)(?P<n>b)", "\\8",
        "[b-a]",
        "a)", "(?P<n", "\\p{Nope}", "[[:nope:]]", "+",
    ]

    /// Patterns for label_replace.
    static let replacementPatterns = [
        "(.*)", "(.).*", "a|b", "", "([a-z]+).*", "nothing", "(?P<n>.*)", "(.*)(.*)", ".*(b|$)",
        "(?i)(A)", "()", "^(.*)$",
    ]

    /// The labels of each metric.
    static let labelNames: [String: [String]] = [
        "c_total": ["job", "instance", "code"], "h_bucket": ["job", "le"], "h_count": ["job"],
        "h_sum": ["job"], "g": ["job", "instance"], "n": ["job", "instance"], "w": ["job"],
        "up": ["job", "instance"], "i": ["job", "instance", "version"], "u": ["path"],
        "p_bucket": ["job", "instance", "le"],
    ]

    private(set) var series: [FuzzSeries] = []
    private var random: SeededRandom
    private var fraction: Int64 = 0

    init(seed: UInt64) {
        random = SeededRandom(seed, part: .max)
        for job in ["a", "b"] {
            for instance in ["0", "1", "2"] { addInstance(job, instance) }
            addHistogram(job)
            add([("__name__", "w"), ("job", job)], every: 15) { _, _ in job == "a" ? 2 : 3 }
        }
        for text in Self.texts {
            add([("__name__", "u"), ("path", text)], every: 60) { random, _ in
                Double(random.int(-8...8))
            }
        }
        add([("__name__", "s")], every: 60) { random, _ in Double(random.int(0...40)) / 4 }
    }

    private mutating func addInstance(_ job: String, _ instance: String) {
        let target = [("instance", instance), ("job", job)]
        for code in ["200", "500"] {
            addCounter([("__name__", "c_total"), ("code", code)] + target, upTo: 20)
        }
        var last = 0.0
        add([("__name__", "g")] + target, every: 15, gaps: true) { random, _ in
            if !random.has(chance: 15) { last = Double(random.int(-400...400)) / 4 }
            return last
        }
        add([("__name__", "n")] + target, every: 20, gaps: true) { random, _ in
            random.pick([.nan, .infinity, -.infinity, 0, -0.0, 1, -1, 0.5, 2, 3, 1e6, -1e6, 7])
        }
        add([("__name__", "up")] + target, every: 15) { random, _ in
            random.has(chance: 80) ? 1 : 0
        }
        addBuckets(target)
        let versions = ("version", random.pick(["x", "y"]))
        add([("__name__", "i")] + target + [versions], every: 30) { _, _ in 1 }
    }

    /// A histogram as services have it: buckets that hold each other, and all start anew together.
    private mutating func addBuckets(_ target: [(String, String)]) {
        let bounds = ["0.1", "1", "2.5", "10", "+Inf"]
        var counts = bounds.indices.map { Double(1_000_000 * ($0 + 1)) }
        let samples = (0..<Self.minutes * 4).map { _ in
            var more = 0.0
            for place in counts.indices {
                more += Double(random.int(0...5))
                counts[place] += more
            }
            if counts[0] > 20_000, random.has(chance: 2) {
                counts = counts.map { ($0 / 2).rounded() }
            }
            return counts
        }
        for (place, bound) in bounds.enumerated() {
            add([("__name__", "p_bucket"), ("le", bound)] + target, every: 15) { _, number in
                samples[number][place]
            }
        }
    }

    private mutating func addHistogram(_ job: String) {
        var bounds = 1
        for le in ["0.5", "2.5", "10.5", "+Inf"] {
            addCounter([("__name__", "h_bucket"), ("job", job), ("le", le)], upTo: 4 * bounds)
            bounds += 1
        }
        addCounter([("__name__", "h_count"), ("job", job)], upTo: 16)
        addCounter([("__name__", "h_sum"), ("job", job)], upTo: 40)
    }

    private mutating func addCounter(_ labels: [(String, String)], upTo most: Int) {
        var value = Double(random.int(1_000_000...5_000_000))
        add(labels, every: 15, mayEnd: true) { random, _ in
            value += Double(random.int(0...most))
            // Half of it at least stays, so that resets add less than the first value of any range.
            if value > 20_000, random.has(chance: 3) { value = (value / 2).rounded() }
            return value
        }
    }

    private mutating func add(
        _ labels: [(String, String)],
        every seconds: Int,
        gaps: Bool = false,
        mayEnd: Bool = false,
        _ value: (inout SeededRandom, Int) -> Double
    ) {
        fraction = (fraction + 126) % 1_000
        // Neither a whole second, nor a half, nor a quarter.
        let odd = fraction + (fraction % 250 == 0 ? 1 : 0)
        var series = FuzzSeries(labels: labels.sorted { $0.0 < $1.0 })
        let count = Self.minutes * 60 / seconds
        let born = mayEnd && random.has(chance: 25) ? count / 3 : 0
        let end = mayEnd && random.has(chance: 25) ? count * 2 / 3 : count
        var absent = 0
        for number in born..<end {
            let time = Self.startMs + Int64(number * seconds) * 1_000 + odd
            if absent > 0 {
                absent -= 1
            } else if gaps, random.has(chance: 3) {
                absent = random.int(1...30)
                if random.has(chance: 50) { series.samples.append((time, .staleMarker)) }
            } else {
                series.samples.append((time, value(&random, number)))
            }
        }
        if end < count, let last = series.samples.last {
            series.samples.append((last.time + 15_000, .staleMarker))
        }
        self.series.append(series)
    }
}

extension Double {
    /// The NaN that ends a series.
    fileprivate static var staleMarker: Double { Double(bitPattern: 0x7FF0_0000_0000_0002) }
}
