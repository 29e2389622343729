// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PostgresClient
internal import Secrets

/// What the play acts on.
struct DemoStage: Sendable {
    let servers: DemoServers
    let service: DemoService
    let receiver: DemoReceiver
    let kafka: DemoKafka
    let postgresPort: Int
}

/// Waits for the sources, breaks what was asked, watches the alerts, mends it, and sums up.
struct DemoPlay: Sendable {
    let terminal: DemoTerminal
    let faults: [DemoFault]
    let stage: DemoStage

    /// Returns when cancelled, or when all faults were told and ended.
    func run(_ daemon: Daemon) async {
        do {
            try await waitForSources(daemon)
            guard !faults.isEmpty else {
                terminal.say("everything is up; Ctrl-C ends it. `--break all` breaks things", .good)
                while true { try await Task.sleep(for: .seconds(3_600)) }
            }
            let watch = AlertWatch(terminal: terminal)
            let sessions = DemoSessions(port: stage.postgresPort)
            for fault in faults {
                terminal.say("BREAK \(fault.rawValue): \(fault.action)", .bad)
                try await apply(fault, true, sessions)
            }
            let told = try await wait(45, daemon, watch) { stage.receiver.wasTold($0.alert) }
            for fault in faults {
                terminal.say("MEND \(fault.rawValue)", .good)
                try await apply(fault, false, sessions)
            }
            let ended = try await wait(45, daemon, watch) {
                stage.receiver.wasToldTheEnd(of: $0.alert)
            }
            let count = faults.count
            terminal.say(
                "\(told) of \(count) alerts delivered, \(ended) of \(count) ends delivered",
                told == count && ended == count ? .good : .bad
            )
        } catch {
            guard !(error is CancellationError) else { return }
            terminal.say("the demonstration failed: \(error)", .bad)
        }
    }

    private func waitForSources(_ daemon: Daemon) async throws {
        terminal.say("nightjar is listening on \(daemon.address)", .good)
        var known: Set<String> = []
        for _ in 0..<300 {
            let sources = daemon.sources
            for source in sources where source.isUp && known.insert(source.name).inserted {
                terminal.say("  up: \(source.name)", .good)
            }
            if !sources.isEmpty, sources.allSatisfy(\.isUp) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        for source in daemon.sources where !source.isUp {
            terminal.say("  down: \(source.name): \(source.problem)", .bad)
        }
    }

    /// Shows the alerts' steps until `isDone` holds for all faults; returns for how many it does.
    private func wait(
        _ seconds: Int,
        _ daemon: Daemon,
        _ watch: AlertWatch,
        _ isDone: (DemoFault) -> Bool
    ) async throws -> Int {
        for _ in 0..<(seconds * 10) {
            watch.show(daemon.activeAlerts)
            if faults.allSatisfy(isDone) { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        watch.show(daemon.activeAlerts)
        return faults.count(where: isDone)
    }

    private func apply(_ fault: DemoFault, _ isBroken: Bool, _ sessions: DemoSessions) async throws
    {
        switch fault {
        case .pool:
            if isBroken { await sessions.open(15) } else { await sessions.close() }
        case .breaker: stage.service.setBreakerOpen(isBroken)
        case .latency: stage.service.setSlow(isBroken)
        case .redis: stage.servers.freezeRedis(isBroken)
        case .lag:
            if isBroken {
                try await stage.kafka.fallBehind()
            } else {
                try await stage.kafka.catchUp()
            }
        }
    }
}

/// Prints each alert's change of phase once.
final class AlertWatch {
    private let terminal: DemoTerminal
    private var phases: [String: String] = [:]

    init(terminal: DemoTerminal) { self.terminal = terminal }

    func show(_ alerts: [ActiveAlert]) {
        var now: [String: String] = [:]
        for alert in alerts { now[alert.name] = alert.phase }
        for (name, phase) in now.sorted(by: { $0.key < $1.key }) where phases[name] != phase {
            terminal.say("alert \(name): \(phase)", phase == "firing" ? .bad : .notice)
        }
        for name in phases.keys.sorted() where now[name] == nil {
            terminal.say("alert \(name): resolved", .good)
        }
        phases = now
    }
}
