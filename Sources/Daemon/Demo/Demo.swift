// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import HTTPServer
internal import KafkaClient
internal import Logging
internal import PostgresClient
internal import Secrets

/// `nightjar demo`: a throw-away stack, the daemon watching it, and what is to be broken.
///
/// PostgreSQL and Redis are real servers; the Kafka cluster is librdkafka's in-process one, and the
/// gateway and the receiver are stand-ins, since nothing real can be had.
public struct Demo: Sendable {
    /// SIGHUP too: a closed terminal must leave no server behind.
    private static let endings: [Int32] = [1, 2, 15]

    private let terminal = DemoTerminal()
    private let faults: [DemoFault]

    /// Makes a demonstration that breaks these things, in order.
    public init(faults: [DemoFault]) { self.faults = faults }

    /// Runs until a signal or, with faults, until all of them were told and ended.
    ///
    /// - Throws: what keeps the stack from starting, or an alert from being told.
    public func run() async throws {
        // Before anything is there that a signal could leave behind.
        let stops = signals(Self.endings)
        ignoreBrokenPipes()
        let directory = try makeTemporaryDirectory(prefix: "nightjar-demo")
        defer { _ = try? ChildProcess.run(["rm", "-rf", directory]) }
        try await unless(stops) {
            terminal.row(
                "stack",
                "starting",
                "PostgreSQL, Redis, Kafka (librdkafka's mock), a gateway"
            )
            let servers = try await DemoServers.start(in: directory)
            defer { servers.stop() }
            try await run(in: directory, servers)
        }
        terminal.say("stopped; nothing is left running, and \(directory) is gone", .faint)
    }

    /// Runs `body`, and cancels it at the first signal; what it throws then is no failure.
    private func unless(
        _ stops: AsyncStream<Int32>,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return true
            }
            group.addTask {
                for await _ in stops { break }
                return false
            }
            defer { group.cancelAll() }
            guard try await group.next() == false else { return }
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
    }

    private func run(in directory: String, _ servers: DemoServers) async throws {
        let diary = DemoDiary()
        let service = DemoService()
        let receiver = DemoReceiver(terminal: terminal, diary: diary)
        let serviceServer = try HTTPServer(host: "127.0.0.1", port: 0) { service.respond($0) }
        let receiverServer = try HTTPServer(host: "127.0.0.1", port: 0) { receiver.respond($0) }
        let kafka = try DemoKafka()
        let path = try writeFiles(
            in: directory,
            DemoAddresses(
                postgresPort: servers.postgresPort,
                redisPort: servers.redisPort,
                servicePort: serviceServer.port,
                receiverPort: receiverServer.port,
                kafkaBrokers: kafka.brokers
            )
        )
        let stage = DemoStage(
            servers: servers,
            service: service,
            kafka: kafka,
            diary: diary,
            postgresPort: servers.postgresPort
        )
        let daemon = try await Daemon.start(
            configurationPath: path,
            overrides: Overrides(),
            log: Log(level: .error)
        )
        let failure: (any Error)?
        do {
            try await perform(
                daemon,
                service,
                DemoPlay(terminal: terminal, faults: faults, stage: stage)
            )
            failure = nil
        } catch {
            failure = error
        }
        await daemon.stop()
        await serviceServer.stop(grace: .milliseconds(100))
        await receiverServer.stop(grace: .milliseconds(100))
        if let failure { throw failure }
    }

    /// Writes configuration and rules; the path of the configuration.
    private func writeFiles(in directory: String, _ addresses: DemoAddresses) throws -> String {
        let path = directory + "/nightjar.yml"
        try write(Array(DemoConfiguration.text(addresses).utf8), toFile: path)
        let count = try DemoRules.write(into: directory)
        terminal.row(
            "rules",
            "loaded",
            "\(count) files of rules/, in time lapse: each of their minutes passes in a second"
        )
        return path
    }

    /// Returns when the play is over; the daemon and the gateway must not end before it.
    private func perform(_ daemon: Daemon, _ service: DemoService, _ play: DemoPlay) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await daemon.run() }
            group.addTask { try await service.run() }
            group.addTask { try await play.run(daemon) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
