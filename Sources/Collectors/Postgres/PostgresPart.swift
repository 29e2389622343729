// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PostgresClient

/// What a part may know about the server and our options.
struct PostgresPartContext {
    let options: PostgresOptions
    /// As in `150002`.
    let version: Int

    /// The major version.
    var major: Int { version / 10_000 }
}

/// One part of a poll: a statement and what becomes of its rows.
///
/// A part that fails costs itself only, and shows in `nightjar_collector_up`.
struct PostgresPart: Sendable {
    /// The label `collector`.
    let name: String
    /// Whether it runs where the options are silent.
    var isOn = true
    /// Whether its rows are a choice of those that there are.
    var isChoice = false
    /// The statement; nil where this server has nothing to say.
    let sql: @Sendable (PostgresPartContext) -> String?
    /// Turns the rows into samples.
    let gather: @Sendable (Rows, PostgresPartContext, inout FamilySet) throws(PollFailure) -> Void

    /// Every part, in the order of a poll: what alerts need most comes first.
    static let all: [PostgresPart] =
        [.settings, .activity, .pools, .blocking, .locks] + mapped

    /// Makes a part whose columns are labels and metrics one to one.
    static func mapped(
        _ name: String,
        isOn: Bool = true,
        isChoice: Bool = false,
        labels: [String] = [],
        metrics: [(column: String, metric: Metric)],
        sql: @escaping @Sendable (PostgresPartContext) -> String?
    ) -> PostgresPart {
        PostgresPart(name: name, isOn: isOn, isChoice: isChoice, sql: sql) {
            rows,
            context,
            families in
            for row in rows where row.isChosen(by: context.options.databases) {
                let pairs = labels.map { ($0, row.text($0)) }
                for (column, metric) in metrics {
                    guard let value = row.number(column) else { continue }
                    families.add(metric, value, pairs)
                }
            }
        }
    }
}

/// The rows of an answer, to walk over.
struct Rows: Sequence {
    let result: QueryResult
    private let places: [String: Int]

    init(_ result: QueryResult) {
        self.result = result
        places = Dictionary(result.columns.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    func makeIterator() -> some IteratorProtocol<Row> {
        result.rows.lazy.map { Row(values: $0, places: places) }.makeIterator()
    }
}

/// One row, by the columns' names.
struct Row {
    let values: [String?]
    let places: [String: Int]

    /// The text of a column; empty for null, and where there is no such column.
    func text(_ column: String) -> String { places[column].flatMap { values[$0] } ?? "" }

    /// The number of a column, true being 1; nil for null and for what is none.
    func number(_ column: String) -> Double? {
        guard let text = places[column].flatMap({ values[$0] }) else { return nil }
        return switch text {
        case "t", "on", "true": 1
        case "f", "off", "false": 0
        default: Double(text)
        }
    }

    /// Whether its `datname`, where it has one, is chosen.
    func isChosen(by filter: NameFilter) -> Bool {
        guard places["datname"] != nil else { return true }
        return filter.accepts(text("datname"))
    }
}
