// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import RedisClient
internal import Samples
internal import Secrets
public import Storage

/// Polls one Redis server over one connection.
public struct RedisCollector: Collector {
    /// The server.
    public let target: TargetID
    /// When it is polled.
    public let schedule: PollSchedule
    private let options: RedisOptions

    /// Makes the collector of a server.
    public init(_ options: RedisOptions) {
        self.options = options
        target = TargetID(kind: "redis", name: options.name)
        schedule = PollSchedule(interval: options.interval, timeout: options.timeout)
    }

    /// Polls until the task is cancelled.
    public func run(_ context: CollectorContext) async {
        await CollectLoop(self, in: context, backsOff: true).run(RedisSource(options))
    }
}

/// One server and the connection to it.
struct RedisSource: PollSource, ~Copyable {
    private let options: RedisOptions
    private var connection: RedisConnection?

    init(_ options: RedisOptions) { self.options = options }

    mutating func poll(_ slot: PollSlot) async -> PollOutcome {
        do throws(RedisError) {
            return try await pollConnected(slot)
        } catch {
            connection = nil
            var families = self.families()
            families.add(Self.up, 0)
            return .failure(FailureReason(error.reason), error.message, families: families.all)
        }
    }

    private static let up = Metric.gauge("redis_up", "1 if the last poll reached the server.")

    private func families() -> FamilySet {
        FamilySet(base: LabelSet([("server", options.name)]), limit: options.maxSeries)
    }

    private mutating func pollConnected(_ slot: PollSlot) async throws(RedisError) -> PollOutcome {
        let parts = chosen([.info, .config, .slowlog, .latency])
        let replies = try await firstAnswer(parts.flatMap(\.commands), slot)
        // Without a password the server answers each command so; then nothing is up.
        if case .error(let text)? = replies.first {
            let error = RedisError(answered: text, to: parts.first?.name.uppercased() ?? "PING")
            if error.reason == .auth { throw error }
        }
        var families = self.families()
        families.add(Self.up, 1)
        var outcomes: [PartOutcome] = []
        var rest = replies[...]
        for part in parts {
            let own = Array(rest.prefix(part.commands.count))
            rest = rest.dropFirst(own.count)
            outcomes.append(gather(part, own, slot, into: &families))
        }
        let isClustered = families.value(of: "redis_cluster_enabled") == 1
        for part in extraParts(isClustered: isClustered) {
            let own = try await send(part.commands, slot)
            outcomes.append(gather(part, own, slot, into: &families))
        }
        return .batch(families.all, parts: outcomes, droppedSamples: families.dropped)
    }

    private func chosen(_ parts: [RedisPart]) -> [RedisPart] {
        let switches = options.collectors
        return parts.filter { switches[$0.name] ?? true }
    }

    private func extraParts(isClustered: Bool) -> [RedisPart] {
        var parts: [RedisPart] = []
        if isClustered { parts.append(.cluster) }
        if !options.checkKeys.isEmpty { parts.append(.keys(options.checkKeys, database)) }
        if !options.checkStreams.isEmpty { parts.append(.streams(options.checkStreams, database)) }
        return chosen(parts)
    }

    private var database: String {
        "db\((try? RedisAddress(parsing: options.address.reveal()))?.database ?? 0)"
    }

    private func gather(
        _ part: RedisPart,
        _ replies: [RedisReply],
        _ slot: PollSlot,
        into families: inout FamilySet
    ) -> PartOutcome {
        for (command, reply) in zip(part.commands, replies) {
            guard case .error(let text) = reply else { continue }
            let error = RedisError(answered: text, to: command.prefix(2).joined(separator: " "))
            let failure = PollFailure(FailureReason(error.reason), error.message)
            return PartOutcome(part.name, failure: failure)
        }
        part.gather(replies, slot.time, &families)
        return PartOutcome(part.name)
    }

    /// Sends over the kept connection, and over a new one where that has died since the last poll.
    private mutating func firstAnswer(
        _ commands: [[String]],
        _ slot: PollSlot
    ) async throws(RedisError) -> [RedisReply] {
        let commands = commands.isEmpty ? [["PING"]] : commands
        if connection != nil {
            do throws(RedisError) { return try await send(commands, slot) } catch {
                guard error.reason == .refused else { throw error }
                connection = nil
            }
        }
        var address = try RedisAddress(parsing: options.address.reveal())
        if let password = options.password { address.password = password }
        connection = try await RedisConnection.connect(to: address, before: slot.deadline)
        return try await send(commands, slot)
    }

    private mutating func send(
        _ commands: [[String]],
        _ slot: PollSlot
    ) async throws(RedisError) -> [RedisReply] {
        guard var open = connection.take() else { return [] }
        let replies = try await open.send(commands, before: slot.deadline)
        connection = consume open
        return replies
    }
}

extension FamilySet {
    /// The value of a family's only sample.
    fileprivate func value(of name: String) -> Double? {
        all.first { $0.name == name }?.samples.first?.value
    }
}

extension FailureReason {
    /// The same reason in the words of all sources.
    init(_ reason: RedisError.Reason) {
        self = FailureReason(rawValue: reason.rawValue) ?? .protocol
    }
}
