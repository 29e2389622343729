// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import HTTPServer
internal import Locking
internal import Logging
internal import Notify
internal import Samples
internal import Settings
internal import SourceText
internal import Telemetry
internal import WebAPI

/// How the last reload went, as Prometheus tells it under `prometheus_config_*`.
struct ReloadMeters: Sendable {
    private let successful: Gauge
    private let time: Gauge

    /// Declares the metrics; to have started counts as a success.
    init(_ registry: Registry, now: Timestamp) {
        successful = registry.gauge(
            "nightjar_config_last_reload_successful",
            help: "Whether the last attempt to read the configuration succeeded."
        )
        time = registry.gauge(
            "nightjar_config_last_reload_success_timestamp_seconds",
            help: "When the configuration was last read with success."
        )
        succeeded(at: now)
    }

    func succeeded(at now: Timestamp) {
        successful.set(1)
        time.set(now.seconds)
    }

    func failed() { successful.set(0) }
}

extension Daemon {
    /// Reads the configuration anew and lets it take the place of the one that runs.
    ///
    /// A wrong one changes nothing. Of a right one only what differs is ended and begun; the
    /// notifier comes first, so that rules that begin find it ready.
    func reload() async -> ReloadReport {
        var next: Configured
        do throws(StartError) {
            next = try Configured.read(origin.path, origin.overrides)
        } catch {
            return refuse(error)
        }
        let running = configured.withLock { $0 }
        let notes = keepWhatNeedsARestart(of: running.settings, in: &next.settings)
        next.completeURL(port: server.port)
        configured.withLock { $0 = next }
        publishRoutes()
        await parts.pipeline.update(next.settings.notify, now: wallClock())
        guard await rosters.ask(roster(of: next)) != nil else { return .stopping }
        await parts.retireGroups(notIn: next)
        await parts.retireSenders(of: running.settings, notIn: next.settings)
        reloadMeters.succeeded(at: wallClock())
        log(.info, "the configuration was reloaded", [Field("file", origin.path)])
        for note in notes { log(.warning, "a change waits", [Field("change", note)]) }
        return ReloadReport(notes: notes)
    }

    private func refuse(_ error: StartError) -> ReloadReport {
        reloadMeters.failed()
        let faults = error.diagnostics.filter { $0.severity == .error }.map(\.headline)
        let errors = faults.isEmpty ? [error.message] : faults
        for fault in errors {
            log(.error, "the configuration was not reloaded", [Field("error", fault)])
        }
        return ReloadReport(errors: errors)
    }

    /// The socket and the databases are opened once; a change of theirs is told, and waits.
    private func keepWhatNeedsARestart(
        of running: Settings,
        in next: inout Settings
    ) -> [String] {
        var notes: [String] = []
        if running.web.host != next.web.host || running.web.port != next.web.port {
            notes.append("'listen' of 'web' has changed, which takes effect after a restart")
        }
        next.web.host = running.web.host
        next.web.port = running.web.port
        if running.storage != next.storage {
            notes.append("'storage' has changed, which takes effect after a restart")
        }
        next.storage = running.storage
        if (running.web.tls == nil) != (next.web.tls == nil) {
            notes.append("'tls' of 'web' was begun or ended, which takes effect after a restart")
            next.web.tls = running.web.tls
        } else if let tls = next.web.tls, tls != running.web.tls {
            // It was loaded once when the configuration was checked.
            if let credentials = try? TLSCredentials(tls) { server.reload(credentials) }
        }
        return notes
    }
}
