// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import HTTPFetch
public import Samples

/// One engine that every stored sample is sent to; the names are Prometheus'.
public struct RemoteWriteOptions: Sendable, Equatable {
    /// How samples are batched, sent side by side and tried again.
    public struct Queue: Sendable, Hashable {
        /// Samples that one shard holds at most, in memory.
        public var capacity = 10_000
        /// Requests sent side by side at most; a series always goes the same way.
        public var maxShards = 8
        /// Samples of one request at most.
        public var maxSamplesPerSend = 2_000
        /// How long samples wait for a request to be full.
        public var batchSendDeadline = Duration.seconds(5)
        /// Before the first retry of a request; each one after waits twice as long.
        public var minBackoff = Duration.milliseconds(30)
        /// Before any retry at most, unless the receiver asks for more.
        public var maxBackoff = Duration.seconds(5)
        /// Samples older than this are dropped unsent; nil sends all that the queue holds.
        public var sampleAgeLimit: Duration?
        /// Bytes of unsent samples on disk, above which the oldest are dropped.
        public var maxBytes = 1 << 30

        /// The standard queue.
        public init() {}
    }

    /// The name in metrics and the log, and of the place in the queue.
    public var name: String
    /// Where requests go.
    public var url: String
    /// Headers beside those of the protocol.
    public var headers: [HTTPHeader] = []
    /// Who sends.
    public var authorization = HTTPAuthorization.none
    /// How TLS is spoken.
    public var tls = HTTPTLSOptions()
    /// The proxy's URL, empty for none.
    public var proxy = ""
    /// How many redirects are followed.
    public var maxRedirects = 0
    /// For one request.
    public var timeout = Duration.seconds(30)
    /// How samples are batched, sent side by side and tried again.
    public var queue = Queue()
    /// From one sending of what metrics measure to the next; nil sends none.
    public var metadataInterval: Duration? = .seconds(60)
    /// Metrics described in one request at most.
    public var maxMetadataPerSend = 2_000
    /// Labels added to every series that lacks them.
    public var externalLabels = LabelSet.empty
    /// What changes a series' labels after that.
    public var relabeling: Relabeling?
    /// What the sender calls itself.
    public var userAgent = "Nightjar"

    /// Makes options with standard values.
    public init(name: String, url: String) {
        self.name = name
        self.url = url
    }
}

/// A change of series' labels by rules of any kind; equal where the rules are.
public struct Relabeling: Sendable, Equatable {
    private let rules: any Sendable
    private let isSame: @Sendable (any Sendable) -> Bool
    private let change: @Sendable (LabelSet) -> LabelSet?

    /// Makes a change; `apply` gives nil for a series whose samples are not sent.
    public init<Rules: Sendable & Equatable>(
        _ rules: Rules,
        apply: @escaping @Sendable (Rules, LabelSet) -> LabelSet?
    ) {
        self.rules = rules
        isSame = { $0 as? Rules == rules }
        change = { apply(rules, $0) }
    }

    /// The labels to send; nil for a series whose samples are not sent.
    public func callAsFunction(_ labels: LabelSet) -> LabelSet? { change(labels) }

    /// Compares the rules.
    public static func == (a: Relabeling, b: Relabeling) -> Bool { a.isSame(b.rules) }
}
