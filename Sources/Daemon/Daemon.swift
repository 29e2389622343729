// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import Collectors
internal import EventIO
internal import HTTPServer
internal import Locking
internal import Logging
internal import Notify
internal import PromQLEngine
internal import Rules
internal import Samples
internal import Settings
public import SourceText
internal import Storage
internal import Telemetry
internal import WebAPI

/// What the command line says over the configuration.
public struct Overrides: Sendable {
    /// `HOST:PORT` to listen on; nil leaves it to the configuration.
    public var listen: String?
    /// The folder of data; nil leaves it to the configuration.
    public var data: String?

    /// Makes overrides that say nothing.
    public init(listen: String? = nil, data: String? = nil) {
        self.listen = listen
        self.data = data
    }
}

/// Why the daemon does not start.
public struct StartError: Error, Sendable, CustomStringConvertible {
    /// What is wrong with the configuration; empty where something else failed.
    public let diagnostics: [Diagnostic]
    /// What failed, where it is not the configuration.
    public let message: String

    /// Everything that is wrong, for people.
    public var description: String {
        diagnostics.isEmpty ? message : diagnostics.map(\.rendered).joined(separator: "\n")
    }
}

/// An alert that pends or fires, for people.
struct ActiveAlert: Sendable {
    let name: String
    let phase: String
}

/// A source as people see it.
struct SourceState: Sendable {
    let name: String
    let isUp: Bool
    let problem: String
}

/// The running program: its parts, joined.
public final class Daemon: Sendable {
    let parts: Parts
    let server: HTTPServer
    let log: Log

    init(parts: Parts, server: HTTPServer, log: Log) {
        self.parts = parts
        self.server = server
        self.log = log
    }

    /// The address that people use: `http://HOST:PORT`.
    public var address: String { "http://\(parts.listenHost):\(server.port)" }

    /// The sources and whether their last poll succeeded.
    var sources: [SourceState] {
        parts.board.targets.map { entry in
            let failure = entry.outcome?.failure
            return SourceState(
                name: "\(entry.target.kind) \(entry.target.name)",
                isUp: entry.outcome != nil && failure == nil,
                problem: failure.map { "\($0.reason.rawValue): \($0.message)" } ?? "not polled yet"
            )
        }
    }

    /// Runs until cancelled.
    ///
    /// - Throws: the failure of the part that ended by itself.
    public func run() async throws {
        try await supervise(parts.services(log: log)) {
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
        }
    }

    /// The alerts that pend or fire.
    var activeAlerts: [ActiveAlert] {
        parts.ruleBoard.all.flatMap(\.rules).flatMap { status in
            status.alerts.compactMap { alert in
                let phase = alert.life.phase
                guard phase == .pending || phase == .firing else { return nil }
                return ActiveAlert(name: status.rule.name, phase: phase.rawValue)
            }
        }
    }

    /// Stops serving and saves what is in memory.
    public func stop() async {
        await server.stop(grace: .seconds(1))
        await parts.store.close()
    }
}
