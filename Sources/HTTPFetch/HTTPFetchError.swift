// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CCurl

/// Why there is no answer.
public struct HTTPFetchError: Error, Sendable, CustomStringConvertible {
    /// The kinds of causes.
    public enum Reason: String, Sendable, CaseIterable {
        case dns
        case refused
        case tls
        case auth
        case timeout
        case reset
        case tooLarge = "too_large"
        case badRequest = "bad_request"
        case protocolError = "protocol"
        case cancelled
    }

    /// The kind of cause.
    public let reason: Reason
    /// One line: what failed, in libcurl's words, without secrets.
    public let message: String
    /// libcurl's own code, 0 where it was not asked.
    public let code: Int

    init(_ reason: Reason, _ message: String, code: Int = 0) {
        self.reason = reason
        self.message = message
        self.code = code
    }

    /// The message.
    public var description: String { message }

    /// Whether trying again may help: anything but a request that can never be right.
    public var isRetriable: Bool { reason != .badRequest && reason != .tooLarge }
}

extension HTTPFetchError.Reason {
    /// The kind of a code; source: curl/curl.h, libcurl-errors(3).
    init(_ code: CURLcode) {
        self =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .dns
            case CURLE_COULDNT_CONNECT: .refused
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
                CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
                CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
                CURLE_SSL_CRL_BADFILE, CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_ENGINE_NOTFOUND,
                CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
                .tls
            case CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR: .auth
            case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE: .reset
            case CURLE_FILESIZE_EXCEEDED: .tooLarge
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT,
                CURLE_READ_ERROR:
                .badRequest
            default: .protocolError
            }
    }
}
