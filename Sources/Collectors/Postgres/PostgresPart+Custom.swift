// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PostgresClient
internal import Samples

extension PostgresPart {
    /// A statement of the user's: it gives `<name>_<column>{<labels>}`.
    ///
    /// Rows that repeat the labels of one before are dropped and counted. A column that the answer
    /// lacks fails the part: a metric that never comes must not go unnoticed.
    static func custom(_ query: PostgresOptions.Query) -> PostgresPart {
        let metrics = query.values.map { value in
            let name = query.name + "_" + value.column
            let help = value.help.isEmpty ? "Column \(value.column) of \(query.name)." : value.help
            return (value.column, Metric(name: name, kind: value.kind, help: help))
        }
        return PostgresPart(
            name: query.name,
            // What the statement leaves out is not known.
            isChoice: true,
            sql: { _ in query.sql },
            gather: { rows, _, families throws(PollFailure) in
                let columns = Set(rows.result.columns)
                let wanted = query.labels + query.values.map(\.column)
                if let missing = wanted.first(where: { !columns.contains($0) }) {
                    let message = "\(query.name): the answer has no column \(missing)"
                    throw PollFailure(.unsupported, message)
                }
                for row in rows {
                    let labels = query.labels.map { ($0, row.text($0)) }
                    for (column, metric) in metrics {
                        guard let value = row.number(column) else { continue }
                        families.add(metric, value, labels)
                    }
                }
            }
        )
    }
}
