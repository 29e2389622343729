// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import ConfigYAML
internal import Samples
internal import Secrets

extension PostgresOptions {
    /// Decodes one entry of the section `postgres`.
    init(_ mapping: MappingReader, global: Settings.Global) {
        let name = mapping.requiredString("name")
        mapping.context = "postgres server '\(name)'"
        self.init(name: name, dsn: Secret(mapping.requiredString("dsn")))
        password = mapping.secretOrFile("password").map(Secret.init)
        interval = mapping.positiveDuration("interval", default: global.pollInterval)
        timeout = mapping.positiveDuration("timeout", default: min(global.pollTimeout, interval))
        databases = mapping.mapping("databases").map { NameFilter($0) } ?? .all
        reservedConnections = mapping.int("reserved_connections", default: reservedConnections)
        pools = mapping.entries("pools").compactMap { Pool(service: $0.key, $0.value) }
        decodeCollectors(mapping)
        queries = mapping.mappings("queries").map { Query($0) }
        mapping.finish()
    }

    private mutating func decodeCollectors(_ mapping: MappingReader) {
        for (name, value) in mapping.entries("collectors") {
            guard Self.collectorNames.contains(name) else {
                let known = Self.collectorNames.joined(separator: ", ")
                value.error("unknown collector '\(name)'; there are \(known)")
                continue
            }
            guard let options = value.mapping("collector '\(name)'") else { continue }
            collectors[name] = options.bool("enabled", default: true)
            if name == "statements" { topStatements = options.int("top", default: topStatements) }
            maxSeries = options.int("max_series", default: maxSeries)
            options.finish()
        }
    }
}

extension PostgresOptions.Pool {
    /// Decodes a budget: `16`, or `{max: 16, application_name: auth}`.
    init?(service: String, _ value: ValueReader) {
        if case .scalar = value.node.kind {
            guard let max = value.int() else { return nil }
            self.init(service: service, max: max)
            return
        }
        guard let mapping = value.mapping("pool '\(service)'") else { return nil }
        let max = mapping.required("max")?.int() ?? 0
        let application = mapping.string("application_name")
        mapping.finish()
        self.init(service: service, max: max, applicationName: application)
    }
}

extension PostgresOptions.Query {
    /// Decodes a user's statement.
    init(_ mapping: MappingReader) {
        let name = mapping.requiredString("name")
        mapping.context = "query '\(name)'"
        let sql = mapping.requiredString("sql")
        let labels = mapping.strings("labels")
        let values = mapping.entries("values").compactMap { column, value in
            value.mapping("value '\(column)'").map { options in
                let kind = options.choice(
                    "type",
                    ["gauge": MetricKind.gauge, "counter": .counter, "unknown": .unknown],
                    default: .gauge
                )
                let help = options.string("help", default: "")
                options.finish()
                return PostgresOptions.Value(column: column, kind: kind, help: help)
            }
        }
        if values.isEmpty {
            mapping.error("query '\(name)' needs 'values': the columns to measure")
        }
        mapping.finish()
        self.init(name: name, sql: sql, labels: labels, values: values)
    }
}
