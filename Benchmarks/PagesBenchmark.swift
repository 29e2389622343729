// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import EventIO
internal import Glibc
internal import HTTPFetch
internal import HTTPServer
internal import PromQLEngine
internal import Samples
internal import Storage
internal import Telemetry
internal import WebAPI

/// `/metrics` and `/federate` of 100,000 series over HTTP, from the request to the last byte.
///
/// Before each timed request one target of ten is polled anew, so that the page has to be rendered.
/// A compressed page is not unpacked within the time: that is the reader's work.
extension Benchmark {
    static let pages = Benchmark(name: "pages") { report in
        var stack = try await PageStack()
        let everything = "/federate?match[]=%7B__name__=~%22.%2B%22%7D"
        for (name, path) in [("/metrics", "/metrics"), ("/federate", everything)] {
            let size = try await stack.get(path)
            guard size > 5_000_000 else { throw BenchmarkError("\(name) has \(size) bytes") }
            let page = name + " of 100,000 series"
            report.told(page + ", size", Double(size) / 1e6, unit: "MB")
            for (how, encoding) in [("", Encoding.none), (" with gzip", .gzip)] {
                let fresh = try await stack.times(path, encoding)
                report.atMost(page + how + ", p50", fresh.seconds * 1e3, 20, unit: "ms")
                report.told(name + how + ", processor time", fresh.cpu * 1e3, unit: "ms")
                let all = try await stack.times(path, encoding, polling: .everything)
                report.told(name + how + ", all polled, p50", all.seconds * 1e3, unit: "ms")
                let shared = try await stack.times(path, encoding, polling: .nothing)
                report.told(name + how + ", the same again", shared.seconds * 1e3, unit: "ms")
            }
            let packed = try await stack.get(path, .gzip)
            report.told(page + " with gzip, size", Double(packed) / 1e6, unit: "MB")
            guard try await stack.get(path, .unpacked) == stack.get(path) else {
                return report.differs(page, "the compressed page has other bytes")
            }
        }
        await stack.stop()
    }
}

/// How a page comes.
private enum Encoding {
    case none
    case gzip
    /// As gzip, of which the plain bytes count.
    case unpacked
}

/// What changes before a request.
private enum Polling {
    case nothing
    case oneTarget
    case everything
}

/// A server in this process over a store in memory.
private struct PageStack {
    private static let targets = 10
    private static let families = 100
    private static let seriesPerFamily = 100

    private let store: SeriesStore
    private let board = PollBoard()
    private let server: HTTPServer
    private let client = HTTPClient()
    private var families: [[MetricFamily]] = []
    private var time: Timestamp
    private var round = 0

    init() async throws {
        let telemetry = Registry()
        store = try await SeriesStore.open(.memory, telemetry: telemetry)
        time = Timestamp(milliseconds: 1_700_000_000_000)
        let now = time
        let context = WebAPIContext(
            store: store,
            board: board,
            telemetry: telemetry,
            queries: QueryPort(QueryEngine(store: store)),
            now: { now + .seconds(200) },
            build: BuildInformation(version: "0")
        )
        let routes = Routes(context)
        server = try HTTPServer(host: "127.0.0.1", port: 0) { try await routes.answer($0) }
        let schedule = PollSchedule(interval: .seconds(15), timeout: .seconds(5))
        for target in 0..<Self.targets {
            board.add(Self.target(target), schedule: schedule)
            families.append((0..<Self.families).map { Self.family($0, of: target) })
            poll(target)
        }
    }

    func stop() async { await server.stop(grace: .zero) }

    private static func target(_ number: Int) -> TargetID {
        TargetID(kind: "scrape", name: "service-\(number)")
    }

    /// Five labels a series, as services have them.
    private static func family(_ number: Int, of target: Int) -> MetricFamily {
        var family = MetricFamily(
            name: "service_requests_\(number)_total",
            kind: .counter,
            help: "What the benchmark counts."
        )
        for series in 0..<seriesPerFamily {
            family.add(
                0,
                [
                    "instance": "10.0.0.\(target):8080", "job": "service", "method": "GET",
                    "path": "/api/v1/things/\(series)", "status": "\(200 + series % 5)",
                ]
            )
        }
        return family
    }

    /// Polls a target: seven values of ten are whole, two have three decimals, one is any number.
    private mutating func poll(_ target: Int) {
        round += 1
        time = time + .milliseconds(1)
        for family in families[target].indices {
            for series in families[target][family].samples.indices {
                let number = Double(round * 31 + series * 17 + family)
                families[target][family].samples[series].value =
                    switch series % 10 {
                    case 0..<7: number
                    case 7..<9: number / 1_000
                    default: number / 7
                    }
            }
        }
        let id = Self.target(target)
        store.append(SampleBatch(time: time, families: families[target]), from: id)
        board.land(.batch(families[target]), of: id, slot: time, took: .milliseconds(1))
    }

    /// The size of an answer.
    func get(_ path: String, _ encoding: Encoding = .none) async throws -> Int {
        var request = HTTPFetchRequest(url: "http://127.0.0.1:\(server.port)\(path)")
        request.maxBodyBytes = 64 << 20
        request.acceptsCompression = encoding == .unpacked
        if encoding == .gzip { request.headers = [HTTPHeader("Accept-Encoding", "gzip")] }
        let response = try await client.send(request, before: .now + .seconds(60))
        guard response.isSuccess else { throw BenchmarkError("\(path): \(response.status)") }
        return response.body.count
    }

    /// The medians of 41 requests: seconds on the clock, and on all processors with the reader's.
    mutating func times(
        _ path: String,
        _ encoding: Encoding,
        polling: Polling = .oneTarget
    ) async throws -> (seconds: Double, cpu: Double) {
        var (seconds, cpu) = ([Double](), [Double]())
        for number in 0..<41 {
            switch polling {
            case .nothing: break
            case .oneTarget: poll(number % Self.targets)
            case .everything: for target in 0..<Self.targets { poll(target) }
            }
            let (start, used) = (ContinuousClock.now, clock())
            _ = try await get(path, encoding)
            seconds.append((ContinuousClock.now - start).inSeconds)
            cpu.append(Double(clock() - used) / Double(CLOCKS_PER_SEC))
        }
        return (median(seconds), median(cpu))
    }
}
