// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CRdKafka

/// How a cluster is reached.
public struct KafkaConnectionOptions: Sendable, Hashable {
    /// `HOST:PORT`, at least one.
    public var brokers: [String]
    /// More of librdkafka's own properties, such as `security.protocol` and `sasl.password`.
    ///
    /// Values are never printed.
    public var properties: [String: String] = [:]

    /// Makes options without login or TLS.
    public init(brokers: [String]) { self.brokers = brokers }
}

/// What is asked of a cluster.
public struct KafkaQuestion: Sendable {
    /// Whether a topic is wanted.
    public var wantsTopic: @Sendable (String) -> Bool
    /// Whether a group that was discovered is wanted.
    public var wantsGroup: @Sendable (String) -> Bool
    /// Groups that are asked for where a cluster cannot list its own.
    public var listedGroups: [String]

    /// Makes a question.
    public init(
        wantsTopic: @escaping @Sendable (String) -> Bool = { _ in true },
        wantsGroup: @escaping @Sendable (String) -> Bool = { _ in true },
        listedGroups: [String] = []
    ) {
        self.wantsTopic = wantsTopic
        self.wantsGroup = wantsGroup
        self.listedGroups = listedGroups
    }
}

/// What a cluster says at one moment.
public struct KafkaSnapshot: Sendable {
    /// A broker.
    public struct Broker: Sendable, Hashable {
        /// Its number.
        public var id: Int32
        /// `HOST:PORT`.
        public var address: String
    }

    /// A partition of a topic.
    public struct Partition: Sendable, Hashable {
        /// The topic.
        public var topic: String
        /// The number.
        public var id: Int32
        /// The leading broker, -1 without one.
        public var leader: Int32
        /// The brokers that hold it, the preferred leader first.
        public var replicas: [Int32]
        /// The brokers that are in step.
        public var inSync: [Int32]
        /// The first offset; nil where the leader did not say.
        public var oldest: Int64?
        /// The next offset to be written; nil where the leader did not say.
        public var end: Int64?
    }

    /// A consumer group.
    public struct Group: Sendable, Hashable {
        /// The name.
        public var id: String
        /// The state as Kafka names it, such as `Stable`; nil where unknown.
        public var state: String?
        /// How many members it has; nil where unknown.
        public var members: Int?
        /// The committed offsets.
        public var committed: [Commit] = []
    }

    /// A committed offset.
    public struct Commit: Sendable, Hashable {
        /// The topic.
        public var topic: String
        /// The partition.
        public var partition: Int32
        /// The next offset to be read.
        public var offset: Int64
    }

    /// The brokers.
    public internal(set) var brokers: [Broker] = []
    /// The wanted topics' partitions, by topic and number.
    public internal(set) var partitions: [Partition] = []
    /// The wanted groups, by name.
    public internal(set) var groups: [Group] = []
    /// What failed in the parts `offsets` and `groups`.
    public internal(set) var failures: [(part: String, error: KafkaError)] = []

    /// Makes an empty snapshot.
    init() {}
}

/// Why a cluster did not answer.
public struct KafkaError: Error, Sendable, CustomStringConvertible {
    /// The kinds of causes.
    public enum Reason: String, Sendable, CaseIterable {
        case dns
        case refused
        case tls
        case auth
        case timeout
        case protocolError = "protocol"
        case permission
        case unsupported
        case configuration
        case cancelled
    }

    /// The kind of cause.
    public let reason: Reason
    /// One line: what was tried, and why it failed.
    public let message: String
    /// librdkafka's code.
    public let code: Int32

    init(_ reason: Reason, _ message: String, code: Int32 = 0) {
        self.reason = reason
        self.message = message
        self.code = code
    }

    init(_ code: rd_kafka_resp_err_t, _ what: String) {
        let words = unsafe rd_kafka_err2str(code).map { unsafe String(cString: $0) } ?? ""
        self.init(Reason(code), "\(what): \(words)", code: code.rawValue)
    }

    /// The message.
    public var description: String { message }
}

extension KafkaError.Reason {
    /// The kind of a cause that the error callback told; a broken connection is one code for all.
    ///
    /// Source: librdkafka 2.0.2, the words of `rd_kafka_broker_set_error`.
    init(_ code: rd_kafka_resp_err_t, _ words: String) {
        self.init(code)
        guard self == .refused else { return }
        let text = words.lowercased()
        if text.contains("timed out") { self = .timeout }
        if text.contains("invalid response size") { self = .protocolError }
    }

    /// The kind of a code; source: rdkafka.h.
    init(_ code: rd_kafka_resp_err_t) {
        self =
            switch code {
            case RD_KAFKA_RESP_ERR__RESOLVE: .dns
            case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: .refused
            case RD_KAFKA_RESP_ERR__SSL: .tls
            case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
                .auth
            case RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
                RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
                .timeout
            case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
                .permission
            case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION,
                RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
                .unsupported
            default: .protocolError
            }
    }
}
