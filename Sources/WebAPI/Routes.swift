// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import HTTPServer
internal import Samples
internal import Telemetry

/// The HTTP API as a handler of the server: which path is answered by whom.
public struct Routes: Sendable {
    struct Route: Sendable {
        let methods: [String]
        let path: String
        /// Whether an answer may take seconds of computing.
        let isLong: Bool
        let answer: @Sendable (WebRequest) async throws -> HTTPResponse
        /// What stands before and after `*`; nil where the path has none.
        private let ends: (head: String, tail: String)?

        init(
            _ methods: [String],
            _ path: String,
            isLong: Bool = false,
            _ answer: @escaping @Sendable (WebRequest) async throws -> HTTPResponse
        ) {
            self.methods = methods
            self.path = path
            self.isLong = isLong
            self.answer = answer
            ends = path.firstIndex(of: "*").map {
                (String(path[..<$0]), String(path[path.index(after: $0)...]))
            }
        }

        /// What stands for `*`; empty where the path has none, nil where the route does not fit.
        func argument(in path: String) -> String? {
            guard let (head, tail) = ends else { return self.path == path ? "" : nil }
            guard path.hasPrefix(head), path.hasSuffix(tail) else { return nil }
            let argument = path.dropFirst(head.count).dropLast(tail.count)
            return argument.isEmpty || argument.contains("/") ? nil : String(argument)
        }
    }

    private static let read = ["GET", "HEAD"]
    private static let query = ["GET", "HEAD", "POST"]

    /// One line an endpoint, one file an endpoint in `Endpoints/`.
    static let table: [Route] = [
        Route(read, "/", answerFrontPage),
        Route(read, "/graph", isLong: true, answerGraph),
        Route(read, "/runbooks/*", answerRunbook),
        Route(read, "/metrics", answerMetrics),
        Route(read, "/federate", isLong: true, answerFederate),
        Route(read, "/-/healthy", answerHealthy),
        Route(read, "/-/ready", answerReady),
        Route(["POST", "PUT"], "/-/reload", answerReload),
        Route(query, "/api/v1/query", isLong: true, answerQuery),
        Route(query, "/api/v1/query_range", isLong: true, answerQueryRange),
        Route(query, "/api/v1/query_exemplars", answerExemplars),
        Route(query, "/api/v1/format_query", answerFormatQuery),
        Route(query, "/api/v1/parse_query", answerParseQuery),
        Route(query, "/api/v1/series", isLong: true, answerSeries),
        Route(query, "/api/v1/labels", isLong: true, answerLabels),
        Route(read, "/api/v1/label/*/values", isLong: true, answerLabelValues),
        Route(read, "/api/v1/metadata", answerMetadata),
        Route(["POST"], "/api/v1/write", isLong: true, answerWrite),
        Route(["POST"], "/api/v1/read", answerRemoteRead),
        Route(["POST"], "/api/v1/otlp/v1/metrics", answerOpenTelemetry),
        Route(["POST", "PUT"], "/api/v1/admin/tsdb/*", answerAdministration),
        Route(read, "/api/v1/notifications", answerServerNotifications),
        Route(read, "/api/v1/rules", answerRules),
        Route(read, "/api/v1/alerts", answerAlerts),
        Route(read, "/api/v1/targets", answerTargets),
        Route(read, "/api/v1/targets/metadata", answerTargetMetadata),
        Route(read, "/api/v1/scrape_pools", answerScrapePools),
        Route(read, "/api/v1/alertmanagers", answerAlertmanagers),
        Route(read, "/api/v1/status/buildinfo", answerBuildInformation),
        Route(read, "/api/v1/status/config", answerConfiguration),
        Route(read, "/api/v1/status/flags", answerFlags),
        Route(read, "/api/v1/status/runtimeinfo", answerRuntimeInformation),
        Route(read, "/api/v1/status/tsdb", answerStorageStatus),
        Route(read, "/api/v1/status/walreplay", answerReplayStatus),
        Route(read, "/api/nightjar/sources", answerSources),
        Route(read, "/api/nightjar/notifications", answerNotifications),
    ]

    /// Bytes from which an answer is worth compressing.
    private static let gzipThreshold = 1_024

    private let context: WebAPIContext
    private let pages = SharedPages()
    private let requests: Counter
    private let durations: Histogram
    private let incidents: Counter

    /// Makes the routes over a context.
    public init(_ context: WebAPIContext) {
        self.context = context
        requests = context.telemetry.counter(
            "nightjar_http_requests_total",
            help: "Requests answered, by route and status code."
        )
        durations = context.telemetry.histogram(
            "nightjar_http_request_duration_seconds",
            help: "Time to make an answer, by route."
        )
        incidents = context.telemetry.counter(
            "nightjar_http_incidents_total",
            help: "Requests and connections that the server refused or ended itself, by reason."
        )
        for incident in HTTPIncident.allCases { incidents.add(0, ["reason": incident.rawValue]) }
    }

    /// Counts what the server ended on its own.
    public func note(_ incident: HTTPIncident) {
        incidents.add(1, ["reason": incident.rawValue])
    }

    /// Drops pages that nobody has asked for lately; says whether that was anything.
    public func tidy(now: ContinuousClock.Instant) async -> Bool {
        let hasMetrics = await pages.metrics.tidy(now: now)
        let hasFederation = await pages.federation.tidy(now: now)
        return hasMetrics || hasFederation
    }

    /// Where a request is to be answered: away from everything else where that may take seconds.
    public func executor(for request: HTTPRequest) -> (any TaskExecutor)? {
        let isLong = Self.table.contains { $0.isLong && $0.argument(in: request.path) != nil }
        return isLong ? context.longWork : nil
    }

    /// The answer to a query that takes less time than handing it over; nil for all other requests.
    ///
    /// It waits for nothing, and computes for a fraction of a millisecond.
    public func atOnce(_ request: HTTPRequest) -> HTTPResponse? {
        let path = "/api/v1/query"
        guard request.path == path, Self.query.contains(request.method),
            context.authentication == nil
        else { return nil }
        let start = ContinuousClock.now
        let web = WebRequest(request, context, pages, argument: "")
        return answerQueryAtOnce(web).map { finish($0, path, request, since: start) }
    }

    /// Answers a request; it never throws but for cancellation.
    ///
    /// - Throws: `CancellationError` where the client is gone.
    public func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
        if let authentication = context.authentication, await !authentication.allows(request) {
            requests.add(1, ["route": "none", "code": "401"])
            return HTTPAuthentication.refusal
        }
        let start = ContinuousClock.now
        let (route, response) = try await find(request)
        return finish(response, route, request, since: start)
    }

    /// Adds what all answers have, and counts this one.
    private func finish(
        _ response: HTTPResponse,
        _ route: String,
        _ request: HTTPRequest,
        since start: ContinuousClock.Instant
    ) -> HTTPResponse {
        var response = response
        if isOfAPI(request) { response.headers += crossOriginHeaders(for: request) }
        let seconds = (ContinuousClock.now - start).inSeconds
        requests.add(1, ["route": route, "code": String(response.status)])
        durations.observe(seconds, ["route": route])
        return compressed(response, for: request)
    }

    private func find(_ request: HTTPRequest) async throws -> (route: String, HTTPResponse) {
        if request.method == "OPTIONS", isOfAPI(request) {
            return ("options", HTTPResponse(204, body: .bytes([])))
        }
        for route in Self.table {
            guard let argument = route.argument(in: request.path) else { continue }
            guard route.methods.contains(request.method) else {
                return (route.path, methodNotAllowed(request, route))
            }
            let web = WebRequest(request, context, pages, argument: argument)
            do {
                return (route.path, try await route.answer(web))
            } catch let error as APIError {
                return (route.path, failure(error, request))
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                return (route.path, failure(APIError(.internal, "\(error)"), request))
            }
        }
        let detail = "there is nothing at \(request.path)"
        if isOfAPI(request) { return ("none", .failure(APIError(.notFound, detail))) }
        return ("none", .problem(404, "Not Found", detail: detail, instance: request.path))
    }

    private func isOfAPI(_ request: HTTPRequest) -> Bool { request.path.hasPrefix("/api/v1/") }

    /// What lets pages of other origins read the API.
    ///
    /// Source: Prometheus, util/httputil/cors.go, with the default `--web.cors.origin=.*`.
    private func crossOriginHeaders(for request: HTTPRequest) -> [HTTPField] {
        guard request.header("Origin")?.isEmpty == false else { return [] }
        return [
            HTTPField(
                "Access-Control-Allow-Headers",
                "Accept, Authorization, Content-Type, Origin"
            ),
            HTTPField("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
            HTTPField("Access-Control-Allow-Origin", "*"),
            HTTPField("Access-Control-Expose-Headers", "Date"),
            HTTPField("Vary", "Origin"),
        ]
    }

    /// Prometheus' form in its API, a problem document elsewhere.
    private func failure(_ error: APIError, _ request: HTTPRequest) -> HTTPResponse {
        guard !isOfAPI(request) else { return .failure(error) }
        return .problem(
            error.kind.status,
            error.kind.rawValue,
            detail: error.message,
            instance: request.path
        )
    }

    private func methodNotAllowed(_ request: HTTPRequest, _ route: Route) -> HTTPResponse {
        let allowed = route.methods.joined(separator: ", ")
        let detail = "\(request.path) takes \(allowed)"
        var response =
            isOfAPI(request)
            ? HTTPResponse.failure(APIError(.badData, detail), status: 405)
            : .problem(405, "Method Not Allowed", detail: detail, instance: request.path)
        response.headers.append(HTTPField("Allow", allowed))
        return response
    }

    private func compressed(_ response: HTTPResponse, for request: HTTPRequest) -> HTTPResponse {
        guard case .bytes(let bytes) = response.body, bytes.count >= Self.gzipThreshold,
            request.acceptsGzip
        else { return response }
        var packed = response
        packed.body = .bytes(gzipped(bytes))
        packed.headers.append(HTTPField("Content-Encoding", "gzip"))
        packed.headers.append(HTTPField("Vary", "Accept-Encoding"))
        return packed
    }
}
