// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import PromQLEngine
public import PromQLSyntax
public import Samples

/// The queries of one evaluation of a group, which read each series only once.
public struct RuleQueries: Sendable {
    /// Answers an expression at a moment; a scalar is one sample without labels.
    public var query: @Sendable (Expression, Timestamp) async throws(RuleFailure) -> [SeriesSample]
    /// Hears the name of series that a rule just wrote, which a later rule may read.
    public var forget: @Sendable (String) -> Void

    /// Joins the queries of one evaluation.
    public init(
        query:
            @escaping @Sendable (Expression, Timestamp) async throws(RuleFailure) ->
            [SeriesSample],
        forget: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.query = query
        self.forget = forget
    }
}

extension RuleQueries {
    /// Queries by the engine; rules of a group read the same metrics mostly, which a session keeps.
    public init(_ session: QueryEngine.Session) {
        self.init(
            query: { expression, time throws(RuleFailure) in
                do throws(QueryError) {
                    return try session.instant(expression, at: time).samples
                } catch {
                    throw RuleFailure(error.message)
                }
            },
            forget: { session.forget($0) }
        )
    }
}

extension QueryResult {
    /// The samples of a vector, or a scalar as one sample without labels.
    fileprivate var samples: [SeriesSample] {
        switch value {
        case .vector(let samples):
            samples.map { SeriesSample(labels: $0.labels, value: $0.sample.value) }
        case .scalar(let sample):
            [SeriesSample(labels: .empty, value: sample.value)]
        case .string, .matrix:
            []
        }
    }
}
