// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import PromQLEngine
internal import PromQLSyntax
internal import Samples

extension QueryPort {
    /// Evaluates by the engine; its errors become the API's.
    public init(_ engine: QueryEngine) {
        self.init(
            instant: { query, time in
                do {
                    return QueryAnswer(
                        try await engine.instant(
                            query.expression,
                            at: time,
                            text: query.text,
                            options: query.options
                        )
                    )
                } catch let error as QueryError {
                    throw APIError(error)
                }
            },
            range: { query, from, through, step in
                do {
                    return QueryAnswer(
                        try await engine.range(
                            query.expression,
                            from: from,
                            through: through,
                            step: step,
                            text: query.text,
                            options: query.options
                        )
                    )
                } catch let error as QueryError {
                    throw APIError(error)
                }
            }
        )
        atOnce = { query, time in
            engine.instantAtOnce(
                query.expression,
                at: time,
                text: query.text,
                options: query.options
            )
            .map { QueryAnswer($0) }
        }
    }
}

extension QueryAnswer {
    /// Makes an answer of the engine's result.
    init(_ result: QueryResult) {
        let value: Value =
            switch result.value {
            case .scalar(let sample): .scalar(sample)
            case .string(let text, let time): .string(text, time)
            case .vector(let rows): .vector(rows.map { ($0.labels, $0.sample) })
            case .matrix(let rows): .matrix(rows)
            }
        self.init(
            value,
            warnings: result.warnings,
            infos: result.infos,
            statistics: result.statistics
        )
    }
}

extension APIError {
    /// Makes the API's error of the engine's.
    init(_ error: QueryError) {
        let kind: Kind =
            switch error.kind {
            case .timeout: .timeout
            case .cancelled: .canceled
            case .execution, .tooManySamples: .execution
            case .storage: .internal
            }
        self.init(kind, error.message)
    }
}
