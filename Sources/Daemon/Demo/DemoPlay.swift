// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PostgresClient
internal import Secrets

/// What the play acts on.
struct DemoStage: Sendable {
    let servers: DemoServers
    let service: DemoService
    let kafka: DemoKafka
    let diary: DemoDiary
    let postgresPort: Int
}

/// Waits for the sources, breaks what was asked, watches the alerts, mends it, and sums up.
struct DemoPlay: Sendable {
    /// How long the alerts may take to be told, and again to end.
    private static let patienceTenths = 450

    let terminal: DemoTerminal
    let faults: [DemoFault]
    let stage: DemoStage

    /// Returns when cancelled, or when all faults were told and ended.
    ///
    /// - Throws: `DemoError` where one was not, or what breaking or mending threw.
    func run(_ daemon: Daemon) async throws {
        try await waitForSources(daemon)
        guard !faults.isEmpty else {
            terminal.say("everything is up; Ctrl-C ends it, and --break all breaks things", .good)
            while true { try await Task.sleep(for: .seconds(3_600)) }
        }
        let sessions = DemoSessions(port: stage.postgresPort)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sessions.run() }
            try await play(daemon, sessions)
            group.cancelAll()
        }
        try sumUp()
    }

    private func play(_ daemon: Daemon, _ sessions: DemoSessions) async throws {
        let watch = AlertWatch(terminal: terminal, diary: stage.diary)
        for fault in faults {
            terminal.row("break", fault.rawValue, fault.action, .bad)
            try await apply(fault, true, sessions)
        }
        try await wait(for: .delivered, daemon, watch)
        for fault in faults {
            terminal.row("mend", fault.rawValue, fault.repair, .good)
            try await apply(fault, false, sessions)
        }
        try await wait(for: .endDelivered, daemon, watch)
    }

    private func sumUp() throws {
        let alerts = faults.map(\.alert)
        terminal.table(stage.diary.summary(of: alerts))
        let told = alerts.count { stage.diary.has($0, .delivered) }
        let ended = alerts.count { stage.diary.has($0, .endDelivered) }
        let isWhole = told == alerts.count && ended == alerts.count
        terminal.say(
            "\(told) of \(alerts.count) alerts delivered, \(ended) of \(alerts.count) ends delivered",
            isWhole ? .good : .bad
        )
        if !isWhole { throw DemoError(description: "not every alert went its whole way") }
    }

    private func waitForSources(_ daemon: Daemon) async throws {
        terminal.say("nightjar is listening on \(daemon.address)", .good)
        var known: Set<String> = []
        for _ in 0..<300 {
            let sources = daemon.sources
            for source in sources where source.isUp && known.insert(source.name).inserted {
                terminal.row("source", "up", source.name, .good)
            }
            if !sources.isEmpty, sources.allSatisfy(\.isUp) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        for source in daemon.sources where !source.isUp {
            terminal.row("source", "down", "\(source.name): \(source.problem)", .bad)
        }
    }

    /// Shows the alerts' steps until those of all faults took one, or patience ends.
    private func wait(
        for step: DemoDiary.Step,
        _ daemon: Daemon,
        _ watch: AlertWatch
    ) async throws {
        let isFallingBehind = step == .delivered && faults.contains(.lag)
        for tenth in 0..<Self.patienceTenths {
            watch.show(daemon.activeAlerts)
            if faults.allSatisfy({ stage.diary.has($0.alert, step) }) { break }
            if isFallingBehind, tenth.isMultiple(of: 10) { try await stage.kafka.fallBehind() }
            try await Task.sleep(for: .milliseconds(100))
        }
        watch.show(daemon.activeAlerts)
    }

    private func apply(_ fault: DemoFault, _ isBroken: Bool, _ sessions: DemoSessions) async throws
    {
        switch fault {
        case .pool:
            sessions.hold(isBroken ? 15 : 0)
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
    private let diary: DemoDiary
    private var phases: [String: String] = [:]

    init(terminal: DemoTerminal, diary: DemoDiary) {
        self.terminal = terminal
        self.diary = diary
    }

    func show(_ alerts: [ActiveAlert]) {
        var now: [String: String] = [:]
        for alert in alerts where alert.name != "Watchdog" {
            // Of one alert's several, the gravest is shown.
            if now[alert.name] != "firing" { now[alert.name] = alert.phase }
        }
        for (name, phase) in now.sorted(by: { $0.key < $1.key }) where phases[name] != phase {
            terminal.row("alert", phase, name, phase == "firing" ? .bad : .notice)
            diary.note(name, phase == "firing" ? .firing : .pending, at: terminal.time)
        }
        for name in phases.keys.sorted() where now[name] == nil {
            let wasFiring = phases[name] == "firing"
            terminal.row("alert", wasFiring ? "resolved" : "gone", name, .good)
            if wasFiring { diary.note(name, .resolved, at: terminal.time) }
        }
        phases = now
    }
}
