// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PostgresClient
internal import Samples
public import Storage

/// Polls one PostgreSQL server over one connection.
public struct PostgresCollector: Collector {
    /// The server.
    public let target: TargetID
    /// When it is polled.
    public let schedule: PollSchedule
    private let options: PostgresOptions

    /// Makes the collector of a server.
    public init(_ options: PostgresOptions) {
        self.options = options
        target = TargetID(kind: "postgres", name: options.name)
        schedule = PollSchedule(interval: options.interval, timeout: options.timeout)
    }

    /// Polls until the task is cancelled.
    public func run(_ context: CollectorContext) async {
        await CollectLoop(self, in: context, backsOff: true).run(PostgresSource(options))
    }
}

/// One server and the connection to it.
///
/// There is never a second connection: the old one is freed before the next is made, and what the
/// server still runs for it ends by `statement_timeout`.
struct PostgresSource: PollSource, ~Copyable {
    private let options: PostgresOptions
    private let parts: [PostgresPart]
    private var connection: PostgresConnection?

    init(_ options: PostgresOptions) {
        self.options = options
        parts =
            PostgresPart.all.filter { options.collectors[$0.name] ?? $0.isOn }
            + options.queries.map(PostgresPart.custom)
    }

    mutating func poll(_ slot: PollSlot) async -> PollOutcome {
        do throws(PostgresError) {
            return try await pollConnected(slot)
        } catch {
            connection = nil
            var families = self.families()
            families.add(Self.up, 0)
            return .failure(FailureReason(error.reason), error.message, families: families.all)
        }
    }

    private static let up = Metric.gauge("pg_up", "1 if the last poll reached the server.")

    private func families() -> FamilySet {
        FamilySet(base: LabelSet([("server", options.name)]), limit: options.maxSeries)
    }

    private mutating func pollConnected(_ slot: PollSlot) async throws(PostgresError) -> PollOutcome
    {
        var families = self.families()
        let context = try await prepare(slot, into: &families)
        families.add(Self.up, 1)
        var outcomes: [PartOutcome] = []
        for part in parts {
            guard let sql = part.sql(context) else { continue }
            let failure = try await run(part, sql, context, slot, into: &families)
            outcomes.append(PartOutcome(part.name, failure: failure))
        }
        // Nothing but a deadline ends a connection here; the next poll makes a new one.
        return .batch(
            families.all,
            parts: outcomes,
            droppedSamples: families.dropped,
            choices: families.choices
        )
    }

    /// Makes sure that the connection is there and answers.
    ///
    /// A kept connection may have died since the last poll, which says nothing of the server: then
    /// there is one attempt to make a new one.
    private mutating func prepare(
        _ slot: PollSlot,
        into families: inout FamilySet
    ) async throws(PostgresError) -> PostgresPartContext {
        if connection != nil {
            do throws(PostgresError) {
                return try await greet(slot, into: &families)
            } catch {
                guard error.endsConnection, error.reason != .timeout else { throw error }
                connection = nil
            }
        }
        let address = PostgresAddress(dsn: options.dsn, password: options.password)
        var fresh = try await PostgresConnection.connect(to: address, before: slot.deadline)
        try await fresh.setLimits(
            statement: options.timeout / 2,
            lock: min(options.timeout / 4, .seconds(1)),
            before: slot.deadline
        )
        connection = consume fresh
        return try await greet(slot, into: &families)
    }

    /// Asks for the version, which is also the proof that the server answers.
    private mutating func greet(
        _ slot: PollSlot,
        into families: inout FamilySet
    ) async throws(PostgresError) -> PostgresPartContext {
        let sql = """
            select version() as version, current_setting('server_version') as short_version,
              current_setting('server_version_num') as number
            """
        let rows = Rows(try await query(sql, slot))
        let metric = Metric.gauge("pg_static", "The server's version.")
        var version = 0
        for row in rows {
            version = Int(row.number("number") ?? 0)
            let short = row.text("short_version").prefix { $0 != " " }
            families.add(
                metric,
                1,
                [("version", row.text("version")), ("short_version", String(short))]
            )
        }
        return PostgresPartContext(options: options, version: version)
    }

    /// Runs a part; an error of the part itself is returned, a lost connection is thrown.
    private mutating func run(
        _ part: PostgresPart,
        _ sql: String,
        _ context: PostgresPartContext,
        _ slot: PollSlot,
        into families: inout FamilySet
    ) async throws(PostgresError) -> PollFailure? {
        guard connection != nil else {
            return PollFailure(.timeout, "\(part.name): no time was left")
        }
        let result: QueryResult
        do throws(PostgresError) { result = try await query(sql, slot) } catch {
            if error.endsConnection {
                connection = nil
                guard error.reason == .timeout else { throw error }
            }
            return PollFailure(FailureReason(error.reason), "\(part.name): \(error.message)")
        }
        // Half a part would look like a whole one, so it counts only when it is complete.
        var complete = families
        complete.isChoice = part.isChoice
        do throws(PollFailure) { try part.gather(Rows(result), context, &complete) } catch {
            return error
        }
        families = complete
        return nil
    }

    private mutating func query(
        _ sql: String,
        _ slot: PollSlot
    ) async throws(PostgresError) -> QueryResult {
        guard var open = connection.take() else { return QueryResult() }
        do throws(PostgresError) {
            let result = try await open.query(sql, before: slot.deadline)
            connection = consume open
            return result
        } catch {
            connection = consume open
            throw error
        }
    }
}

extension FailureReason {
    /// The same reason in the words of all sources.
    init(_ reason: PostgresError.Reason) {
        self = FailureReason(rawValue: reason.rawValue) ?? .protocol
    }
}
