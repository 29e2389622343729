// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Why a request of the API has no data.
public struct APIError: Error, Sendable {
    /// The words of Prometheus' `errorType`.
    public enum Kind: String, Sendable {
        /// A parameter is wrong.
        case badData = "bad_data"
        /// The expression cannot be evaluated.
        case execution
        /// The evaluation took too long.
        case timeout
        /// The evaluation was ended.
        case canceled
        /// There is no such thing.
        case notFound = "not_found"
        /// It cannot be had now.
        case unavailable
        /// A fault of the program.
        case `internal`

        /// The HTTP status that goes with it.
        ///
        /// 499 is what nginx says of a client that closed its connection.
        /// Source: Prometheus, web/api/v1/api.go: `respondError`.
        public var status: Int {
            switch self {
            case .badData: 400
            case .execution: 422
            case .canceled: 499
            case .timeout, .unavailable: 503
            case .notFound: 404
            case .internal: 500
            }
        }
    }

    /// What kind of error.
    public let kind: Kind
    /// One line for people.
    public let message: String

    /// Makes an error.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
