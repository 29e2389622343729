// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import ConfigYAML
internal import EventIO
internal import HTTPFetch
internal import HTTPServer
internal import Locking
public import Logging
internal import Notify
internal import PromQLEngine
internal import RemoteWrite
public import Rules
internal import Settings
public import SourceText
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
        var (settings, ruleFiles) = try configuration(path, overrides)
        // Listening comes first: links in messages need the port where a free one was asked for.
        let routes = Lock<Routes?>(nil)
        let server: HTTPServer
        do throws(HTTPServerError) {
            server = try HTTPServer(host: settings.web.host, port: settings.web.port) { request in
                guard let routes = routes.withLock({ $0 }) else { return .text(503, "starting\n") }
                return try await routes.answer(request)
            }
        } catch {
            throw StartError(diagnostics: [], message: "nightjar does not start: \(error)")
        }
        let url = settings.web.externalURL ?? "http://\(settings.web.host):\(server.port)"
        settings.web.externalURL = url
        settings.notify.externalURL = url
        do {
            let parts = try await assemble(settings, ruleFiles, log)
            routes.withLock { $0 = Routes(webContext(parts)) }
            return Daemon(parts: parts, server: server, log: log)
        } catch {
            await server.stop(grace: .zero)
            throw StartError(diagnostics: [], message: "nightjar does not start: \(error)")
        }
    }

    /// Runs until SIGINT or SIGTERM, and says on standard output when it is serving.
    ///
    /// - Throws: `StartError`, or the failure of the part that ended by itself.
    public static func runUntilSignal(
        configurationPath path: String,
        overrides: Overrides,
        log: Log
    ) async throws {
        let stops = signals([2, 15])
        let daemon = try await start(configurationPath: path, overrides: overrides, log: log)
        print("nightjar is listening on \(daemon.address)\n", toDescriptor: 1)
        let failure: (any Error)?
        do {
            try await supervise(daemon.parts.services(log: log)) { for await _ in stops { return } }
            failure = nil
        } catch {
            failure = error
        }
        await daemon.stop()
        if let failure { throw failure }
    }

    /// Reads and checks a configuration with its rule files, and applies what overrides it.
    static func configuration(
        _ path: String,
        _ overrides: Overrides
    ) throws(StartError) -> (Settings, [RuleFile]) {
        let read = Configuration.read(path: path)
        let rules = readRuleFiles(read.ruleFiles)
        let diagnostics = read.diagnostics + rules.diagnostics
        guard var settings = read.settings, !diagnostics.hasErrors else {
            throw StartError(diagnostics: diagnostics.inReadingOrder, message: "")
        }
        if let listen = overrides.listen {
            guard let address = ListenAddress(listen) else {
                throw StartError(
                    diagnostics: [],
                    message: "--listen must be HOST:PORT such as 127.0.0.1:9630, not '\(listen)'"
                )
            }
            settings.web.host = address.host
            settings.web.port = address.port
        }
        if let data = overrides.data { settings.storage.path = data }
        return (settings, rules.files)
    }

    private static func assemble(
        _ settings: Settings,
        _ ruleFiles: [RuleFile],
        _ log: Log
    ) async throws -> Parts {
        let telemetry = Registry()
        let store = try await SeriesStore.open(settings.storage, telemetry: telemetry, log: log)
        let http = HTTPClient()
        let pipeline = Pipeline(
            options: settings.notify,
            ledger: store.ledger,
            http: http,
            telemetry: telemetry
        )
        try await pipeline.load(now: wallClock())
        let board = PollBoard()
        let collectors = makeCollectors(settings, http)
        for collector in collectors { board.add(collector.target, schedule: collector.schedule) }
        return Parts(
            settings: settings,
            telemetry: telemetry,
            store: store,
            board: board,
            engine: QueryEngine(store: store, telemetry: telemetry),
            pipeline: pipeline,
            ruleFiles: ruleFiles,
            ruleBoard: RuleGroups(),
            collectors: collectors
        )
    }

    private static func makeCollectors(
        _ settings: Settings,
        _ http: HTTPClient
    ) -> [any Collector] {
        var collectors: [any Collector] = settings.postgres.map { PostgresCollector($0) }
        collectors += settings.redis.map { RedisCollector($0) }
        collectors += settings.circuitBreakers.map { BreakerCollector($0, client: http) }
        collectors += settings.kafka.map { KafkaCollector($0) }
        for job in settings.scrapes {
            collectors += job.targets.map { ScrapeCollector(job, target: $0, client: http) }
        }
        return collectors
    }

    private static func webContext(_ parts: Parts) -> WebAPIContext {
        var context = WebAPIContext(
            store: parts.store,
            board: parts.board,
            telemetry: parts.telemetry,
            queries: QueryPort(parts.engine),
            now: wallClock,
            build: BuildInformation(version: version)
        )
        if parts.settings.web.receivesRemoteWrite {
            context.receiver = WriteReceiver(store: parts.store, telemetry: parts.telemetry)
        }
        context.rules = { parts.ruleBoard.all.map(RuleGroupReport.init) }
        context.notifications = { await parts.pipeline.notifications.map(NotificationReport.init) }
        context.reload = { ["reload is not supported yet: restart the daemon"] }
        return context
    }
}

/// Reads rule files; what is wrong with any of them is told.
public func readRuleFiles(_ paths: [String]) -> (files: [RuleFile], diagnostics: [Diagnostic]) {
    var files: [RuleFile] = []
    var diagnostics: [Diagnostic] = []
    for path in paths {
        do {
            let bytes = try contents(ofFile: path)
            let (file, found) = RuleFile.parse(try sourceFile(named: path, bytes: bytes))
            diagnostics += found
            if let file { files.append(file) }
        } catch let error as Diagnostic {
            diagnostics.append(error)
        } catch {
            let name = SourceFile(name: path, text: "")
            diagnostics.append(Diagnostic(in: name, at: nil, "\(error)"))
        }
    }
    return (files, diagnostics)
}

/// What is wrong with a configuration and the files it names; empty where it would be taken.
public func checkConfiguration(path: String) -> [Diagnostic] {
    let read = Configuration.read(path: path)
    return (read.diagnostics + readRuleFiles(read.ruleFiles).diagnostics).inReadingOrder
}
