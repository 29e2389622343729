// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import EventIO
internal import HTTPFetch
internal import HTTPServer
internal import Locking
public import Logging
internal import Notify
internal import PromQLEngine
internal import PromQLSyntax
internal import RemoteWrite
internal import Rules
internal import Settings
internal import Storage
internal import Telemetry
internal import WebAPI

extension Daemon {
    /// The version that the program tells.
    public static let version = "0.1.0"

    /// Reads the configuration, makes the parts and begins to listen.
    ///
    /// - Throws: `StartError` with all mistakes of the configuration, or with what failed.
    public static func start(
        configurationPath path: String,
        overrides: Overrides,
        log: Log
    ) async throws(StartError) -> Daemon {
        ignoreBrokenPipes()
        var configured = try Configured.read(path, overrides)
        // Listening comes first: links in messages need the port where a free one was asked for.
        let routes = Lock<Routes?>(nil)
        let server: HTTPServer
        do throws(HTTPServerError) {
            let web = configured.settings.web
            var options = HTTPServerOptions.standard
            options.tls = web.tls
            server = try HTTPServer(
                host: web.host,
                port: web.port,
                options: options,
                immediate: { request in routes.withLock { $0 }?.atOnce(request) },
                placement: { request in routes.withLock { $0 }?.executor(for: request) },
                noticed: { incident in routes.withLock { $0 }?.note(incident) },
                handler: { request in
                    guard let routes = routes.withLock({ $0 }) else {
                        return .text(503, "starting\n")
                    }
                    return try await routes.answer(request)
                }
            )
        } catch {
            throw StartError(diagnostics: [], message: "nightjar does not start: \(error)")
        }
        configured.completeURL(port: server.port)
        do {
            let parts = try await assemble(configured.settings, log)
            let origin = Origin(path: path, overrides: overrides)
            let daemon = Daemon(
                parts: parts,
                configured: configured,
                origin: origin,
                server: server,
                routes: routes,
                log: log
            )
            daemon.publishRoutes()
            return daemon
        } catch {
            await server.stop(grace: .zero)
            throw StartError(diagnostics: [], message: "nightjar does not start: \(error)")
        }
    }

    /// Runs until SIGINT or SIGTERM, and says on standard output when it is serving.
    ///
    /// SIGHUP reloads the configuration.
    ///
    /// - Throws: `StartError`, or the failure of the part that ended by itself.
    public static func runUntilSignal(
        configurationPath path: String,
        overrides: Overrides,
        log: Log
    ) async throws {
        keepFilesPrivate()
        let stops = signals([2, 15])
        let hangups = signals([1])
        let daemon = try await start(configurationPath: path, overrides: overrides, log: log)
        print("nightjar is listening on \(daemon.address)\n", toDescriptor: 1)
        let failure: (any Error)?
        do {
            try await daemon.run(reloadingAt: hangups) { for await _ in stops { return } }
            failure = nil
        } catch {
            failure = error
        }
        await daemon.stop()
        if let failure { throw failure }
    }

    private static func assemble(_ settings: Settings, _ log: Log) async throws -> Parts {
        let telemetry = Registry()
        let store = try await SeriesStore.open(settings.storage, telemetry: telemetry, log: log)
        if let time = store.lastOwnSample { clock.resume(at: time) }
        let http = HTTPClient()
        let pipeline = Pipeline(
            options: settings.notify,
            ledger: store.ledger,
            http: http,
            telemetry: telemetry
        )
        try await pipeline.load(now: wallClock())
        let parts = Parts(
            telemetry: telemetry,
            store: store,
            board: PollBoard(history: store.seriesEver),
            engine: QueryEngine(store: store, telemetry: telemetry),
            pipeline: pipeline,
            http: http,
            ruleBoard: RuleGroups(),
            log: log
        )
        try await parts.holdSenders(settings)
        return parts
    }

    /// Lets the server and its queries answer by the configuration as it is now.
    func publishRoutes() {
        var context = WebAPIContext(
            store: parts.store,
            board: parts.board,
            telemetry: parts.telemetry,
            queries: QueryPort(parts.engine),
            now: wallClock,
            build: BuildInformation(version: Self.version)
        )
        let parts = parts
        let settings = configured.withLock { $0.settings }
        parts.engine.update(subqueryStep: settings.rules.evaluationInterval)
        context.configuration = { settings.text }
        context.longWork = parts.queryWork
        context.flags = flags(settings)
        context.externalLabels = settings.global.externalLabels
        context.lookback = parts.engine.options.lookback
        context.rules = { parts.ruleBoard.all.map(RuleGroupReport.init) }
        context.notifications = { await parts.pipeline.notifications.map(NotificationReport.init) }
        let web = settings.web
        if web.receivesRemoteWrite {
            context.receiver = WriteReceiver(store: parts.store, telemetry: parts.telemetry)
        }
        if web.asksForCredentials {
            context.authentication = HTTPAuthentication(hashes: web.users, tokens: web.tokens)
        }
        context.startTime = startTime
        context.runtime = { RuntimeInformation(parts.telemetry) }
        context.retention = formatDuration(settings.storage.retention)
        context.reload = { [reloads] in await reloads.ask(()) ?? .stopping }
        routes.withLock { $0 = Routes(context) }
    }

    /// What Prometheus' flags of these names would be, for tools that look there.
    private func flags(_ settings: Settings) -> [String: String] {
        let engine = parts.engine.options
        return [
            "config.file": origin.path,
            "query.lookback-delta": formatDuration(engine.lookback),
            "query.max-concurrency": "\(engine.maxConcurrent)",
            "query.max-samples": "\(engine.maxSamples)",
            "query.timeout": formatDuration(engine.timeout),
            "storage.tsdb.path": settings.storage.path ?? ":memory:",
            "storage.tsdb.retention.time": formatDuration(settings.storage.retention),
            "web.external-url": settings.web.externalURL ?? address,
            "web.listen-address": "\(settings.web.host):\(server.port)",
        ]
    }
}
