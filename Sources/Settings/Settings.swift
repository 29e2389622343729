// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Collectors
public import HTTPServer
public import Notify
public import RemoteWrite
public import Rules
public import Samples
public import Secrets
public import Storage

/// The whole configuration, decoded and valid.
public struct Settings: Sendable {
    /// The section `global`.
    public struct Global: Sendable {
        /// From poll to poll of a source without an interval of its own.
        public var pollInterval = Duration.seconds(15)
        /// For one poll of a source without a timeout of its own.
        public var pollTimeout = Duration.seconds(10)
        /// From scrape to scrape of a job without an interval of its own.
        public var scrapeInterval = Duration.seconds(15)
        /// For one scrape of a job without a timeout of its own.
        public var scrapeTimeout = Duration.seconds(10)
        /// From evaluation to evaluation of a rule group without an interval of its own.
        public var evaluationInterval = Duration.seconds(60)
        /// Labels of this stack, added to whatever leaves it.
        public var externalLabels = LabelSet.empty
    }

    /// The section `web`.
    public struct Web: Sendable {
        /// The address to listen on.
        public var host = "127.0.0.1"
        /// The port; 0 takes a free one.
        public var port = 9630
        /// Whether `/api/v1/write` takes samples.
        public var receivesRemoteWrite = true
        /// Where people reach the daemon; nil: `http://HOST:PORT`.
        public var externalURL: String?
        /// How the port speaks TLS; nil speaks plain HTTP.
        public var tls: TLSOptions?
        /// Who may ask: users with the bcrypt hashes of their passwords.
        public var users: [String: String] = [:]
        /// Tokens that let whoever has one ask; without users and tokens all may.
        public var tokens: [Secret] = []

        /// Whether a request must say who asks.
        public var asksForCredentials: Bool { !users.isEmpty || !tokens.isEmpty }
    }

    /// The section `global`.
    public var global = Global()
    /// The section `web`.
    public var web = Web()
    /// The section `storage`.
    public var storage = StorageOptions.standard
    /// PostgreSQL servers.
    public var postgres: [PostgresOptions] = []
    /// Redis servers.
    public var redis: [RedisOptions] = []
    /// Kafka clusters.
    public var kafka: [KafkaOptions] = []
    /// Endpoints of circuit breakers.
    public var circuitBreakers: [BreakerOptions] = []
    /// Services' `/metrics`.
    public var scrapes: [ScrapeOptions] = []
    /// The section `rules`, completed by what other sections say to rules.
    public var rules = RuleOptions.standard
    /// The paths of the rule files, patterns expanded, in the order of the configuration.
    public var ruleFiles: [String] = []
    /// Engines that every sample is sent to.
    public var remoteWrite: [RemoteWriteOptions] = []
    /// Who is told, and how.
    public var notify = NotifyOptions.standard
    /// The file without its secrets, for `/api/v1/status/config`.
    public var text = ""
}
