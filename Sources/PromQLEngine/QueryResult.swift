// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples
public import Storage

/// A series with its one sample in an instant vector.
public struct VectorSample: Sendable, Hashable {
    /// The labels.
    public var labels: LabelSet
    /// The value at the query's time.
    public var sample: Sample
}

/// What a query gives.
public enum QueryValue: Sendable {
    /// A number.
    case scalar(Sample)
    /// A text.
    case string(String, Timestamp)
    /// Series with one sample each, in the order that the expression gave them.
    case vector([VectorSample])
    /// Series with many samples each, sorted by labels.
    case matrix([SeriesSamples])
}

/// A query's value and what is to be said about it.
public struct QueryResult: Sendable {
    /// The value.
    public var value: QueryValue
    /// What is probably wrong with the expression or the data.
    public var warnings: [String]
    /// What is worth knowing.
    public var infos: [String]
    /// What the query cost.
    public var statistics = QueryStatistics()
}

/// Why a query gave no value.
public struct QueryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The reasons, as the HTTP API tells them apart.
    public enum Kind: String, Sendable, Hashable {
        /// It took too long.
        case timeout
        /// Whoever asked went away.
        case cancelled
        /// The expression cannot be evaluated on this data.
        case execution
        /// It would have held too many samples or given too many points.
        case tooManySamples
        /// The storage failed.
        case storage
    }

    /// The reason.
    public let kind: Kind
    /// What is wrong, in Prometheus' words where it has some.
    public let message: String

    /// The message.
    public var description: String { message }

    static func timedOut(in part: String) -> QueryError {
        QueryError(kind: .timeout, message: "query timed out in \(part)")
    }

    static func cancelled(in part: String) -> QueryError {
        QueryError(kind: .cancelled, message: "query was canceled in \(part)")
    }

    static var tooManySamples: QueryError {
        QueryError(
            kind: .tooManySamples,
            message: "query processing would load too many samples into memory in query execution"
        )
    }

    static func execution(_ message: String) -> QueryError {
        QueryError(kind: .execution, message: message)
    }
}
