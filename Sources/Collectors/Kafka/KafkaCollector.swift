// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import KafkaClient
internal import Samples
public import Storage

/// Polls one Kafka cluster.
public struct KafkaCollector: Collector {
    /// What is polled: kind `kafka`.
    public let target: TargetID
    private let options: KafkaOptions

    /// Makes a collector.
    public init(_ options: KafkaOptions) {
        target = TargetID(kind: "kafka", name: options.name)
        self.options = options
    }

    /// When it polls.
    public var schedule: PollSchedule { options.schedule }

    /// Polls until the task is cancelled.
    public func run(_ context: CollectorContext) async {
        await CollectLoop(self, in: context).run(KafkaSource(options))
    }
}

/// The polls of one cluster over one client.
struct KafkaSource: PollSource {
    private let options: KafkaOptions
    private var connection: KafkaConnection?

    init(_ options: KafkaOptions) { self.options = options }

    mutating func poll(_ slot: PollSlot) async -> PollOutcome {
        let (topics, groups) = (options.topics, options.groups)
        let question = KafkaQuestion(
            wantsTopic: { topics.accepts($0) },
            wantsGroup: { groups.accepts($0) },
            listedGroups: options.listedGroups
        )
        do throws(KafkaError) {
            let connection = try open()
            let snapshot = try await connection.snapshot(question, before: slot.deadline)
            return outcome(of: snapshot)
        } catch {
            return PollOutcome(families: [], failure: PollFailure(error))
        }
    }

    private mutating func open() throws(KafkaError) -> KafkaConnection {
        if let connection { return connection }
        let new = try KafkaConnection(options.connection)
        connection = new
        return new
    }

    private func outcome(of snapshot: KafkaSnapshot) -> PollOutcome {
        var metrics = KafkaMetrics(cluster: options.name, isByPartition: options.isByPartition)
        metrics.take(snapshot)
        let parts = ["offsets", "groups"].map { part in
            let error = snapshot.failures.first { $0.part == part }?.error
            return PartOutcome(part, failure: error.map(PollFailure.init))
        }
        var left = options.maxSeries
        var dropped = 0
        let families = metrics.families.map { family in
            var family = family
            let kept = min(left, family.samples.count)
            dropped += family.samples.count - kept
            family.samples = Array(family.samples.prefix(kept))
            left -= kept
            return family
        }
        return .batch(
            families.filter { !$0.samples.isEmpty },
            parts: parts,
            droppedSamples: dropped
        )
    }
}

extension PollFailure {
    /// What a cluster's refusal means for a poll.
    init(_ error: KafkaError) {
        let reason: FailureReason =
            switch error.reason {
            case .dns: .dns
            case .refused: .refused
            case .tls: .tls
            case .auth: .auth
            case .timeout, .cancelled: .timeout
            case .permission: .permission
            case .unsupported: .unsupported
            case .protocolError, .configuration: .protocol
            }
        self.init(reason, error.message)
    }
}
