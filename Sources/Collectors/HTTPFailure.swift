// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import HTTPFetch

extension PollFailure {
    /// What a request that got no answer means for a poll.
    init(_ error: HTTPFetchError) {
        let reason: FailureReason =
            switch error.reason {
            case .dns: .dns
            case .refused, .reset: .refused
            case .tls: .tls
            case .auth: .auth
            case .timeout, .cancelled: .timeout
            case .tooLarge, .badRequest, .protocolError: .protocol
            }
        self.init(reason, error.message)
    }

    /// What a status that is no success means for a poll; `hint` is added to a 404.
    init(status: Int, of url: String, hint: String = "") {
        let reason: FailureReason =
            switch status {
            case 401, 407: .auth
            case 403: .permission
            case 405, 406, 501: .unsupported
            default: .protocol
            }
        self.init(reason, "\(url): HTTP status \(status)\(status == 404 ? hint : "")")
    }
}
