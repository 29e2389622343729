// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples
public import Secrets

/// One PostgreSQL server to poll.
public struct PostgresOptions: Sendable, Equatable {
    /// What one service may open.
    public struct Pool: Sendable, Hashable {
        /// The service, the label `service`.
        public var service: String
        /// Connections promised to it.
        public var max: Int
        /// The `application_name` of its sessions; the service's name where nil.
        public var applicationName: String?

        /// Makes a budget.
        public init(service: String, max: Int, applicationName: String? = nil) {
            self.service = service
            self.max = max
            self.applicationName = applicationName
        }
    }

    /// A column of a user's query that becomes a metric.
    public struct Value: Sendable, Hashable {
        /// The column.
        public var column: String
        /// Gauge, counter or unknown.
        public var kind: MetricKind
        /// One line for people.
        public var help: String

        /// Makes a value.
        public init(column: String, kind: MetricKind = .gauge, help: String = "") {
            self.column = column
            self.kind = kind
            self.help = help
        }
    }

    /// A statement of the user's; it gives `<name>_<column>{<labels>}`.
    public struct Query: Sendable, Hashable {
        /// The beginning of its metrics' names; also the collector's name.
        public var name: String
        /// One statement that reads.
        public var sql: String
        /// Columns that become labels.
        public var labels: [String]
        /// Columns that become metrics.
        public var values: [Value]

        /// Makes a query.
        public init(name: String, sql: String, labels: [String] = [], values: [Value]) {
            self.name = name
            self.sql = sql
            self.labels = labels
            self.values = values
        }
    }

    /// The label `server`.
    public var name: String
    /// A libpq connection URI or keyword list; may hold a password.
    public var dsn: Secret
    /// Wins over the DSN's.
    public var password: Secret?
    /// From poll to poll.
    public var interval: Duration = .seconds(15)
    /// For one poll with all its parts.
    public var timeout: Duration = .seconds(5)
    /// Databases with series of their own.
    public var databases: NameFilter = .all
    /// Connections that are not for services, the server's own reserve included.
    public var reservedConnections = 0
    /// The budget.
    public var pools: [Pool] = []
    /// Parts switched on or off against their default, by name.
    public var collectors: [String: Bool] = [:]
    /// Series of one family at most.
    public var maxSeries = 5_000
    /// Rows of `statements` at most.
    public var topStatements = 50
    /// Statements of the user's.
    public var queries: [Query] = []

    /// Makes the options of a server with the defaults.
    public init(name: String, dsn: Secret) {
        self.name = name
        self.dsn = dsn
    }

    /// The names that `collectors` may have.
    public static var collectorNames: [String] { PostgresPart.all.map(\.name) }
}
