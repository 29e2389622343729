// SPDX-License-Identifier: Apache-2.0
// Nightjar
import HTTPFetch
import PromQLSyntax
import SourceText
import TestSupport
import Testing

/// What is said of broken expressions, beside what the installed Prometheus 2.42 says of them.
@Suite(
    .enabled(if: PrometheusServer.isHere, "prometheus is not installed"),
    .timeLimit(.minutes(2))
)
struct ParseErrorComparisonTests {
    private static let expressions = [
        #"sum by (job, host) (rate(requests_total{code=~"5..", job!="x"}[5m] offset 1h))"#,
        #"topk(3, a{b="c"}) / on (b, c) group_left (d) (quantile(0.9, e) unless ignoring (f) g)"#,
        #"histogram_quantile(0.9, sum(rate(size_bucket[10m])) by (le)) > bool 0x1f ^ -2"#,
        #"label_replace(up, "dst", "$1-x", 'src', `(.*):.*`) or absent(x @ 100.5 offset -5m)"#,
        #"count_values without (a) ("v", -b % 2 atan2 1e3) and vector(time())"#,
        #"max_over_time(deriv(x[1h:5m] @ end())[2d:]) * ignoring () group_right y # tail"#,
    ]

    private static let words = [
        "(", ")", "[", "]", "{", "}", ",", "by", "without", " offset ", "@", "bool", "on",
        "ignoring", "group_left", "+", "-", "*", "^", "==", "=", "=~", "!~", "!", "5m", "5", "1.5",
        "0x", "1e999", "Inf", "\"", "'", "`", "\"a\"", "\\z", "foo", "a:b", ":", "sum", "rate(",
        "é", "\u{1}", "$", "~", ";", " ", "#", "\n",
    ]

    /// Words of Prometheus 2.42 that Prometheus 3 says otherwise, or where it takes more.
    private static let outdated = [
        // Numbers are durations, durations are expressions, and both are read by another lexer.
        "duration", "in offset, expected", "subquery or range", "subquery selector",
        "unclosed left bracket", "unexpected colon", "left bracket",
        // `@` has no name in the old table of words.
        "<Item ",
        // Labels and metrics may be quoted.
        "unexpected string",
        // The words of the expression engine say what the old one wrapped an expression in.
        ")$`",
    ]

    /// Words of Prometheus 3 that 2.42 does not have.
    private static let modern = [
        "in duration expression", "bad number or duration", "metric name must not be set twice",
    ]

    private func isNew(_ text: String, _ theirs: String, _ ours: String?) -> Bool {
        if Self.outdated.contains(where: theirs.contains) { return true }
        // `start()` and `end()` are functions now.
        if text.contains("end(") { return true }
        guard let ours else { return false }
        return Self.modern.contains(where: ours.contains)
    }

    @Test func `a broken expression is told of as Prometheus does`() async throws {
        let page = "# TYPE up gauge\nup 1 1700000000\n# EOF\n"
        let server = try PrometheusServer(samples: page, configuration: "global: {}\n")
        let client = HTTPClient()
        try await server.waitUntil("/-/ready", says: "Ready", client)
        var compared = 0
        for (index, expression) in Self.expressions.enumerated() {
            let seed = UInt64(41 + index)
            for bytes in Mutations(of: expression, words: Self.words, count: 400, seed: seed) {
                let text = String(decoding: bytes, as: UTF8.self)
                guard let theirs = try await fault(of: text, server, client) else { continue }
                var ours: String?
                do throws(ParseError) { _ = try parseExpression(text) } catch {
                    ours = error.description
                }
                if theirs == ours {
                    compared += 1
                } else if !isNew(text, theirs, ours) {
                    Issue.record("\(text)\n  Prometheus: \(theirs)\n  Nightjar: \(ours ?? "none")")
                }
            }
        }
        #expect(compared > 1_000)
    }

    /// What Prometheus says is wrong with an expression; nil where nothing is.
    private func fault(
        of text: String,
        _ server: PrometheusServer,
        _ client: HTTPClient
    ) async throws -> String? {
        let address = server.address + "/api/v1/format_query"
        let answer = try await client.get(address, form: "query=" + percentEncoded(text))
        guard answer.status == 400 else { return nil }
        let prefix = #"invalid parameter "query": "#
        guard case .object(let members) = try JSONValue.parse(answer.body),
            case .string(let error)? = members.first(where: { $0.key == "error" })?.value
        else { return nil }
        return error.hasPrefix(prefix) ? String(error.dropFirst(prefix.count)) : error
    }

    private func percentEncoded(_ text: String) -> String {
        text.utf8
            .map { byte in
                let digits = String(byte, radix: 16)
                return "%" + (digits.utf8.count < 2 ? "0" : "") + digits
            }
            .joined()
    }
}
