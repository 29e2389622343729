// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// An expression to measure, at one number of steps.
struct QueryCase {
    /// The expression, in Prometheus 3's language.
    var expression: String
    /// How many points a series of the answer has.
    var steps: Int

    /// The expression as Prometheus 2 has it.
    var oldExpression: String {
        guard expression.hasPrefix("double_exponential_smoothing") else { return expression }
        return "holt_winters" + expression.dropFirst("double_exponential_smoothing".count)
    }

    /// What the report calls it.
    var name: String { "\(expression) x \(steps)" }

    /// The request's path and query, up to the end of the data; at one step an instant query.
    func path(_ expression: String, _ data: QueryData) -> String {
        // Half an interval after a sample: a window that ends on one differs by it between versions.
        let end = (data.endMs + QueryData.intervalMs / 2) / 1_000
        return queryPath(
            expression,
            steps: steps,
            every: QueryData.intervalMs / 1_000,
            end: end
        )
    }
}

/// The path and query of a request for so many steps, `interval` seconds apart, up to `end`, which
/// is in seconds since the Unix epoch; at one step an instant query.
func queryPath(_ expression: String, steps: Int, every interval: Int64, end: Int64) -> String {
    guard steps > 1 else { return "/api/v1/query?query=\(escaped(expression))&time=\(end)" }
    let start = end - Int64(steps - 1) * interval
    return "/api/v1/query_range?query=\(escaped(expression))&start=\(start)&end=\(end)"
        + "&step=\(interval)"
}

/// A text as a request's parameter.
private func escaped(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
        let scalar = Unicode.Scalar(byte)
        if scalar.properties.isAlphabetic || (48...57).contains(byte) {
            result.unicodeScalars.append(scalar)
        } else {
            result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
    return result
}

extension QueryCase {
    /// `X` stands for `one` and for `hundred`.
    ///
    /// Source: Prometheus, promql/bench_test.go: the shapes.
    private static let templates = [
        "a_X", "rate(a_X[1m])", "-a_X", "abs(a_X)",
        "label_replace(a_X, 'l2', '$1', 'l', '(.*)')", "label_join(a_X, 'l2', '-', 'l', 'l')",
        "a_X - b_X", "a_X and b_X{l=~'.*[0-4]$'}", "a_X or b_X{l=~'.*[0-4]$'}",
        "a_X unless b_X{l=~'.*[0-4]$'}", "a_X and b_X{l='notfound'}",
        "a_X + on(l) group_right a_one",
        "sum(a_X)", "sum without (l)(h_X)", "sum without (le)(h_X)", "sum by (l)(h_X)",
        "sum by (le)(h_X)", "topk(1, a_X)", "topk(5, a_X)", "quantile(0.9, a_X)",
        "rate(a_X[1m]) + rate(b_X[1m])", "sum without (l)(rate(a_X[1m]))",
        "sum without (l)(rate(a_X[1m])) / sum without (l)(rate(b_X[1m]))",
        "histogram_quantile(0.9, rate(h_X[5m]))", "sum by (le)(rate(h_X[5m]))",
        "a_X > 5000", "max_over_time(a_X[5m])", "avg_over_time(a_X[5m])",
    ]

    /// These keep Prometheus 2 busy for minutes where a hundred series have many points: it looks at
    /// a day for each of them, or looks for the time of each from the beginning.
    private static let longTemplates = [
        "timestamp(a_X)",
        "rate(a_X[1d])", "changes(a_X[1d])", "absent_over_time(a_X[1d])",
        "double_exponential_smoothing(a_X[1d], 0.3, 0.3)",
    ]

    /// The cases in the order in which they run.
    static let all: [QueryCase] = {
        var cases: [QueryCase] = []
        func add(_ expression: String, through most: Int = 10_000) {
            for steps in [1, 100, 1_000, 10_000]
            where steps <= most && (steps != 100 || most == 100) {
                cases.append(QueryCase(expression: expression, steps: steps))
            }
        }
        func filled(_ template: String, _ size: String) -> String {
            template.split(separator: "X", omittingEmptySubsequences: false).joined(separator: size)
        }
        for size in ["one", "hundred"] {
            for template in templates { add(filled(template, size)) }
            for template in longTemplates {
                add(filled(template, size), through: size == "one" ? 10_000 : 100)
            }
        }
        add("rate(sparse[1m])")
        add("count_values('value', h_hundred)", through: 1)
        add("count({__name__!=\"\"})", through: 1_000)
        add("count({__name__!=\"\",l=\"\"})", through: 1_000)
        return cases
    }()
}
