// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPFetch
internal import Secrets

/// One way to tell a receiver: its identity, its form of a message, its answers.
struct Integration: Sendable {
    /// What is on the other side.
    enum Kind: Sendable {
        case slack(SlackOptions)
        case pagerDuty(PagerDutyOptions)
        case webhook(WebhookOptions)
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

    let receiver: String
    /// The place among the receiver's integrations of this kind.
    let index: Int
    let kind: Kind

    /// Alertmanager's word for the kind.
    var name: String {
        switch kind {
        case .slack: "slack"
        case .pagerDuty: "pagerduty"
        case .webhook: "webhook"
        }
    }

    /// The text that stands for it in the notification log.
    var id: String { "\(receiver)/\(name)[\(index)]" }

    var sendResolved: Bool {
        switch kind {
        case .slack(let options): options.sendResolved
        case .pagerDuty(let options): options.sendResolved
        case .webhook(let options): options.sendResolved
        }
    }

    var timeout: Duration? {
        switch kind {
        case .slack(let options): options.timeout
        case .pagerDuty(let options): options.timeout
        case .webhook(let options): options.timeout
        }
    }

    /// The least time between two requests, by the vendor's limits: one a second for a channel of
    /// Slack, 120 a minute for a key of PagerDuty.
    var spacing: Duration {
        switch kind {
        case .slack: .seconds(1)
        case .pagerDuty: .milliseconds(500)
        case .webhook: .zero
        }
    }

    /// The request of an attempt.
    ///
    /// - Throws: where a secret cannot be read.
    func request(_ message: Message, _ attempt: Attempt) throws -> HTTPFetchRequest {
        switch kind {
        case .slack(let options): try options.request(message, attempt)
        case .pagerDuty(let options): try options.request(message, attempt)
        case .webhook(let options): try options.request(message, attempt)
        }
    }

    /// What an answer means.
    func verdict(on response: Answer) -> Verdict {
        switch kind {
        case .slack: slackVerdict(on: response)
        case .pagerDuty, .webhook: Verdict(status: response.status, retryAfter: response.retryAfter)
        }
    }

    /// All integrations of a receiver.
    static func all(of receiver: Receiver) -> [Integration] {
        func made(_ kinds: [Kind]) -> [Integration] {
            kinds.enumerated().map {
                Integration(receiver: receiver.name, index: $0.offset, kind: $0.element)
            }
        }
        return made(receiver.slackConfigs.map(Kind.slack))
            + made(receiver.pagerdutyConfigs.map(Kind.pagerDuty))
            + made(receiver.webhookConfigs.map(Kind.webhook))
    }
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
        _ attempt: Integration.Attempt
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
