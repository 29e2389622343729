// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPServer
internal import PromQLEngine
internal import PromQLSyntax
internal import Samples

/// Pages that are rendered once and shared by all who ask.
struct SharedPages: Sendable {
    /// How long a page stays in memory that nobody asks for: many megabytes, rendered in no time.
    static let pageLife = Duration.seconds(5)
    /// How long what pages are rendered from stays, longer than from scrape to scrape.
    static let writerLife = Duration.seconds(600)

    let metrics = MetricsPage()
    let federation = FederationPage()
}

/// A request on its way to an endpoint, with its parameters of query and form together.
struct WebRequest: Sendable {
    let request: HTTPRequest
    let context: WebAPIContext
    let pages: SharedPages
    let parameters: [HTTPField]
    /// What stands for `*` in the route's path.
    let argument: String

    init(
        _ request: HTTPRequest,
        _ context: WebAPIContext,
        _ pages: SharedPages,
        argument: String
    ) {
        self.request = request
        self.context = context
        self.pages = pages
        self.argument = argument
        parameters = request.parameters
    }

    /// The first value of a parameter; nil where it is absent or empty, as `FormValue` of Go has it.
    func value(_ name: String) -> String? {
        parameters.first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    func values(_ name: String) -> [String] {
        parameters.filter { $0.name == name }.map(\.value)
    }

    /// A moment that must be there.
    ///
    /// - Throws: `APIError` in Prometheus' words.
    func time(_ name: String) throws(APIError) -> Timestamp {
        let text = value(name) ?? ""
        guard let time = TimeText.time(of: text) else {
            throw invalid(name, "cannot parse \(quoted(text)) to a valid timestamp")
        }
        return time
    }

    /// A moment; `fallback` where it is absent.
    ///
    /// - Throws: `APIError` in Prometheus' words.
    func time(_ name: String, default fallback: Timestamp) throws(APIError) -> Timestamp {
        guard let text = value(name) else { return fallback }
        guard let time = TimeText.time(of: text) else {
            let why = "cannot parse \(quoted(text)) to a valid timestamp"
            throw invalid(name, "Invalid time value for '\(name)': \(why)")
        }
        return time
    }

    /// A duration of seconds with decimals, or in Prometheus' form.
    ///
    /// - Throws: `APIError` in Prometheus' words.
    func duration(_ name: String) throws(APIError) -> Duration {
        do throws(DurationFault) {
            return try TimeText.duration(of: value(name) ?? "")
        } catch {
            throw invalid(name, error.message)
        }
    }

    /// A limit on the result's length; 0 is none.
    ///
    /// - Throws: `APIError` in Prometheus' words.
    func limit() throws(APIError) -> Int {
        guard let text = value("limit") else { return 0 }
        do throws(NumberFault) {
            let limit = try goInteger(text)
            guard limit >= 0 else { throw NumberFault("limit must be non-negative") }
            return limit
        } catch {
            throw invalid("limit", error.message)
        }
    }

    /// A count that has no limit where it is absent.
    ///
    /// - Throws: `APIError` in Prometheus' words.
    func count(_ name: String) throws(APIError) -> Int? {
        guard let text = value(name) else { return nil }
        guard let count = Int(text) else {
            throw APIError(.badData, "\(name) must be a number")
        }
        return count
    }

    /// An expression.
    ///
    /// - Throws: `APIError` with the parser's words and the place.
    func expression() throws(APIError) -> Query {
        let text = value("query") ?? ""
        do {
            return Query(try parseExpression(text), text: text)
        } catch {
            throw APIError(.badData, "\(error)")
        }
    }

    /// What the request wants otherwise than the engine.
    ///
    /// - Throws: `APIError` in Prometheus' words.
    func queryOptions() throws(APIError) -> QueryOptions {
        var options = QueryOptions(countsSteps: value("stats") == "all")
        if value("timeout") != nil { options.timeout = try duration("timeout") }
        if let text = value("lookback_delta") {
            do throws(DurationFault) {
                options.lookback = try TimeText.duration(of: text)
            } catch {
                let why = "error parsing lookback delta duration: \(error.message)"
                throw APIError(.badData, why)
            }
        }
        return options
    }

    /// The selectors of `match[]`, each a list of conditions that excludes something.
    ///
    /// - Throws: `APIError` with the parser's words.
    func selectors() throws(APIError) -> [[Matcher]] {
        let result = try anySelectors()
        guard result.allSatisfy({ $0.contains { !$0.matches("") } }) else {
            throw APIError(.badData, "match[] must contain at least one non-empty matcher")
        }
        return result
    }

    /// The selectors of `match[]`, each a list of conditions, which may exclude nothing.
    ///
    /// - Throws: `APIError` with the parser's words.
    func anySelectors() throws(APIError) -> [[Matcher]] {
        var result: [[Matcher]] = []
        for text in values("match[]") {
            do {
                result.append(try parseMetricSelector(text))
            } catch {
                throw APIError(.badData, "\(error)")
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

    /// Runs `body`, whose errors are then told as those of a parameter.
    func naming<Result>(
        _ name: String,
        _ body: () throws(APIError) -> Result
    ) throws(APIError) -> Result {
        do throws(APIError) {
            return try body()
        } catch {
            throw invalid(name, error.message)
        }
    }

    func invalid(_ name: String, _ why: String) -> APIError {
        APIError(.badData, "invalid parameter \(quoted(name)): \(why)")
    }
}

/// Why a text is no number, in the words of Go's `strconv`.
struct NumberFault: Error {
    let message: String

    init(_ message: String) { self.message = message }
}

/// Reads a whole number as Go's `strconv.Atoi` does.
///
/// - Throws: `NumberFault` in its words.
func goInteger(_ text: String) throws(NumberFault) -> Int {
    if let number = Int(text) { return number }
    let digits = text.first.map { "+-".contains($0) } == true ? text.dropFirst() : text[...]
    let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { 48...57 ~= $0 }
    let why = isNumber ? "value out of range" : "invalid syntax"
    throw NumberFault("strconv.Atoi: parsing \(quoted(text)): \(why)")
}
