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
    private let terminal = DemoTerminal()
    private let faults: [DemoFault]

    /// Makes a demonstration that breaks these things, in order.
    public init(faults: [DemoFault]) { self.faults = faults }

    /// Runs until a signal or, with faults, until all of them were told and ended.
    ///
    /// - Throws: what keeps the stack from starting.
    public func run() async throws {
        let directory = try makeTemporaryDirectory(prefix: "nightjar-demo")
        defer { _ = try? ChildProcess.run(["rm", "-rf", directory]) }
        terminal.say(
            "starting PostgreSQL, Redis, Kafka (librdkafka's mock) and a gateway in \(directory)"
        )
        let servers = try await DemoServers.start(in: directory)
        defer { servers.stop() }
        try await run(in: directory, servers)
        terminal.say("stopped; nothing is left running, and \(directory) is gone", .faint)
    }

    private func run(in directory: String, _ servers: DemoServers) async throws {
        let service = DemoService()
        let receiver = DemoReceiver(terminal: terminal)
        let serviceServer = try HTTPServer(host: "127.0.0.1", port: 0) { service.respond($0) }
        let receiverServer = try HTTPServer(host: "127.0.0.1", port: 0) { receiver.respond($0) }
        let kafka = try DemoKafka()
        let addresses = DemoAddresses(
            postgresPort: servers.postgresPort,
            redisPort: servers.redisPort,
            servicePort: serviceServer.port,
            receiverPort: receiverServer.port,
            kafkaBrokers: kafka.brokers
        )
        let path = directory + "/nightjar.yml"
        try write(Array(DemoConfiguration.text(addresses).utf8), toFile: path)
        try write(Array(DemoConfiguration.rules.utf8), toFile: directory + "/demo.rules.yml")
        let play = DemoPlay(
            terminal: terminal,
            faults: faults,
            stage: DemoStage(
                servers: servers,
                service: service,
                receiver: receiver,
                kafka: kafka,
                postgresPort: servers.postgresPort
            )
        )
        let log = Log(level: .error)
        let daemon = try await Daemon.start(
            configurationPath: path,
            overrides: Overrides(),
            log: log
        )
        let failure: (any Error)?
        do {
            try await supervise(
                [Service(name: "gateway", run: { try await service.run() })],
                until: { await runUntilDone(daemon, play) }
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

    /// Returns at the first of: a signal, the end of the play, the end of the daemon.
    private func runUntilDone(_ daemon: Daemon, _ play: DemoPlay) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals([2, 15]) { return }
            }
            group.addTask {
                do {
                    try await daemon.run()
                } catch {
                    terminal.say("the daemon ended: \(error)", .bad)
                }
            }
            group.addTask { await play.run(daemon) }
            await group.next()
            group.cancelAll()
        }
    }
}
