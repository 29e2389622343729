// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPFetch
internal import Secrets
internal import SourceText

/// One kind of receiver with its options: its form of a message, and what its answers mean.
///
/// A new kind is a type of options that conforms, and a line in `Integration`.
protocol Channel: Sendable {
    /// Alertmanager's word for the kind.
    static var word: String { get }
    /// The least time between two requests, by the vendor's limits.
    static var spacing: Duration { get }

    /// Whether ends are told.
    var sendResolved: Bool { get }
    /// How long one attempt may take; nil for the notifier's own limit.
    var timeout: Duration? { get }

    /// The request of an attempt.
    ///
    /// - Throws: where a secret cannot be read.
    func request(_ message: Message, _ attempt: Attempt) throws -> HTTPFetchRequest

    /// What an answer means.
    func verdict(on answer: Answer) -> Verdict

    /// A copy whose templates are expanded by `expand`, which gives nil where that fails.
    func expanded(by expand: (String?) async -> String?) async -> Self

    /// What the ledger keeps, secrets included.
    var record: JSONValue { get }

    /// Takes up what the ledger kept; nil where it is not understood.
    init?(record: JSONValue)
}

extension Channel {
    static var spacing: Duration { .zero }

    func verdict(on answer: Answer) -> Verdict {
        Verdict(status: answer.status, retryAfter: answer.retryAfter)
    }
}

/// What one attempt needs beside the message.
struct Attempt: Sendable {
    /// Seconds since the Unix epoch.
    var unixSeconds: Int64
    var externalURL: String
    /// The message of Slack that is edited.
    var slackChannel: String?
    var slackTime: String?
}

/// The parts of an answer that decide.
struct Answer: Sendable, Hashable {
    var status: Int
    var retryAfter: Duration?
    var body: [UInt8]
}

/// Why an attempt failed; the closed set of the metrics.
enum FailureReason: String, Sendable, Hashable, CaseIterable {
    case dns
    case refused
    case tls
    case auth
    case timeout
    case reset
    case rateLimited = "rate_limited"
    case clientError = "client_error"
    case serverError = "server_error"
}

/// What came of an attempt.
struct Verdict: Sendable, Hashable {
    var event: RetryState.Event
    var reason: FailureReason?
    var error = ""
    /// Where Slack put the message.
    var slackChannel: String?
    var slackTime: String?

    /// The verdict that HTTP's status gives.
    ///
    /// 2xx is success; 408, 425, 429 and 5xx may work later; all else never will.
    init(status: Int, retryAfter: Duration?) {
        switch status {
        case 200...299:
            self.init(.delivered)
        case 429:
            self.init(.failed(retryAfter: retryAfter), .rateLimited, "answered \(status)")
        case 408, 425:
            self.init(.failed(retryAfter: retryAfter), .clientError, "answered \(status)")
        case 500...599:
            self.init(.failed(retryAfter: retryAfter), .serverError, "answered \(status)")
        case 401, 403:
            self.init(.refused, .auth, "answered \(status)")
        default:
            self.init(.refused, .clientError, "answered \(status)")
        }
    }

    init(_ event: RetryState.Event, _ reason: FailureReason? = nil, _ error: String = "") {
        self.event = event
        self.reason = reason
        self.error = error
    }

    /// The verdict where there is no answer.
    init(_ error: HTTPFetchError) {
        let reason: FailureReason =
            switch error.reason {
            case .dns: .dns
            case .refused: .refused
            case .tls: .tls
            case .auth: .auth
            case .timeout: .timeout
            case .reset, .cancelled, .protocolError: .reset
            case .tooLarge, .badRequest: .clientError
            }
        let isLost = error.isRetriable
        self.init(isLost ? .failed(retryAfter: nil) : .refused, reason, error.message)
    }
}

extension HTTPOptions {
    /// A POST of JSON.
    ///
    /// - Throws: where a secret cannot be read.
    func post(
        _ body: [UInt8],
        to url: String,
        id: String,
        _ attempt: Attempt
    ) throws -> HTTPFetchRequest {
        var request = HTTPFetchRequest(url: url, method: "POST")
        request.headers = [
            HTTPHeader("Content-Type", "application/json"),
            HTTPHeader("User-Agent", "Nightjar"),
            HTTPHeader("webhook-id", id),
            HTTPHeader("webhook-timestamp", "\(attempt.unixSeconds)"),
        ]
        request.headers += headers
        if let authorization { request.authorization = try authorization() }
        request.body = body
        request.maxBodyBytes = 64 << 10
        request.tls = tls
        request.proxy = proxy
        request.maxRedirects = maxRedirects
        return request
    }
}
