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

/// Where the configuration comes from.
struct Origin: Sendable {
    let path: String
    let overrides: Overrides
}

/// The running program: its parts, joined.
public final class Daemon: Sendable {
    let parts: Parts
    let origin: Origin
    let server: HTTPServer
    let log: Log
    let startTime = wallClock()
    /// The configuration that runs; only the service `reloads` replaces it.
    let configured: Lock<Configured>
    /// Who answers requests.
    let routes: Lock<Routes?>
    /// Asks for the configuration to be read anew.
    let reloads = Mailbox<Void, ReloadReport>()
    /// Exchanges the services that run.
    let rosters = Rosters()
    let reloadMeters: ReloadMeters

    init(
        parts: Parts,
        configured: Configured,
        origin: Origin,
        server: HTTPServer,
        routes: Lock<Routes?>,
        log: Log
    ) {
        self.parts = parts
        self.origin = origin
        self.server = server
        self.log = log
        self.configured = Lock(configured)
        self.routes = routes
        reloadMeters = ReloadMeters(parts.telemetry, now: wallClock())
    }

    /// The address that people use: `http://HOST:PORT`.
    public var address: String {
        let web = configured.withLock { $0.settings.web }
        let host = web.host.isEmpty ? "127.0.0.1" : web.host
        let place = host.contains(":") ? "[\(host)]" : host
        return "\(web.tls == nil ? "http" : "https")://\(place):\(server.port)"
    }

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
        try await run {
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
        }
    }

    /// Runs until `stop` returns, reloading at each of `hangups`.
    ///
    /// - Throws: the failure of the part that ended by itself.
    func run(
        reloadingAt hangups: AsyncStream<Int32> = AsyncStream { $0.finish() },
        until stop: @escaping @Sendable () async -> Void
    ) async throws {
        defer { reloads.close() }
        let services = roster(of: configured.withLock { $0 })
        let ends = { @Sendable [reloads] in
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    await stop()
                    return true
                }
                group.addTask {
                    for await _ in hangups { _ = await reloads.ask(()) }
                    return false
                }
                while let isStopped = await group.next(), !isStopped {}
                group.cancelAll()
            }
        }
        try await supervise(services, exchangedBy: rosters, until: ends)
    }

    /// Everything that runs under a configuration.
    func roster(of configured: Configured) -> [Service] {
        let reloading = Service(
            name: "reloads",
            run: { [self] in
                while let letter = await reloads.next() {
                    reloads.answer(letter, with: await reload())
                }
            }
        )
        let tidying = Service(
            name: "pages",
            run: { [routes] in
                while true {
                    try await Task.sleep(for: .seconds(10))
                    let current = routes.withLock { $0 }
                    if await current?.tidy(now: .now) == true { returnFreeMemory() }
                }
            }
        )
        return [reloading, tidying] + parts.services(configured)
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
