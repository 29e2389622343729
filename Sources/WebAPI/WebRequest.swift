// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import PromQLSyntax
internal import Samples

/// A request on its way to an endpoint, with its parameters of query and form together.
struct WebRequest: Sendable {
    let request: HTTPRequest
    let context: WebAPIContext
    let metricsPage: MetricsPage
    let parameters: [HTTPField]
    /// What stands for `*` in the route's path.
    let argument: String

    init(
        _ request: HTTPRequest,
        _ context: WebAPIContext,
        _ metricsPage: MetricsPage,
        argument: String
    ) {
        self.request = request
        self.context = context
        self.metricsPage = metricsPage
        self.argument = argument
        parameters = request.parameters
    }

    /// The first value of a parameter; nil where it is absent or empty.
    func value(_ name: String) -> String? {
        parameters.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    func values(_ name: String) -> [String] {
        parameters.filter { $0.name == name }.map(\.value)
    }

    /// A moment; `fallback` where it is absent.
    ///
    /// - Throws: `APIError` in Prometheus' words.
    func time(_ name: String, default fallback: Timestamp?) throws(APIError) -> Timestamp {
        guard let text = value(name) ?? (fallback == nil ? "" : nil) else {
            return fallback ?? Timestamp(milliseconds: 0)
        }
        guard let time = TimeText.time(of: text) else {
            throw invalid(name, "cannot parse \(quoted(text)) to a valid timestamp")
        }
        return time
    }

    /// A duration of seconds with decimals, or in Prometheus' form.
    ///
    /// - Throws: `APIError` in Prometheus' words.
    func duration(_ name: String) throws(APIError) -> Duration {
        let text = value(name) ?? ""
        if let seconds = Double(text), seconds.magnitude < 0x1p53 / 1_000 {
            return .milliseconds(Int64((seconds * 1_000).rounded()))
        }
        guard let duration = parseDuration(text) else {
            throw invalid(name, "cannot parse \(quoted(text)) to a valid duration")
        }
        return duration
    }

    /// A limit on the result's length; 0 is none.
    ///
    /// - Throws: `APIError` in Prometheus' words.
    func limit() throws(APIError) -> Int {
        guard let text = value("limit") else { return 0 }
        guard let limit = Int(text), limit >= 0 else {
            throw invalid("limit", "limit must be a non-negative number")
        }
        return limit
    }

    /// An expression.
    ///
    /// - Throws: `APIError` with the parser's words and the place.
    func query() throws(APIError) -> Query {
        let text = value("query") ?? ""
        do {
            return Query(try parseExpression(text), text: text)
        } catch {
            throw invalid("query", "\(error)")
        }
    }

    /// The selectors of `match[]`, each a list of conditions.
    ///
    /// - Throws: `APIError` with the parser's words.
    func selectors() throws(APIError) -> [[Matcher]] {
        var result: [[Matcher]] = []
        for text in values("match[]") {
            do {
                result.append(try parseMetricSelector(text))
            } catch {
                throw invalid("match[]", "\(error)")
            }
        }
        return result
    }

    /// The window of `start` and `end`; without them everything.
    ///
    /// - Throws: `APIError`.
    func window() throws(APIError) -> (from: Timestamp, through: Timestamp) {
        let from = try time("start", default: Timestamp(milliseconds: .min / 4))
        let through = try time("end", default: Timestamp(milliseconds: .max / 4))
        return (from, through)
    }

    func invalid(_ name: String, _ why: String) -> APIError {
        APIError(.badData, "invalid parameter \(quoted(name)): \(why)")
    }
}
