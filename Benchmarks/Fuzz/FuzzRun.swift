// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import HTTPFetch
internal import Locking

/// Random agreement with Prometheus: the same samples and the same questions to both, until one differs.
///
/// `fuzz --seed S --first N --count M` repeats questions N to N+M-1 of a seed.
struct FuzzRun: Sendable {
    /// What became of the questions.
    struct Tally {
        var asked = 0
        var failed = 0
        var empty = 0
        var known: [KnownDifference: Int] = [:]
        var mismatches = 0
    }

    private let seed: UInt64
    private let first: Int
    private let count: Int
    private let prometheus: Peer
    private let nightjar: Peer
    private let http = HTTPClient()
    private let tally = Lock(Tally())
    private let next: Lock<Int>

    private static let workers = 4
    /// Mismatches after which a run ends: the rest would say no more.
    private static let enough = 20

    private init(seed: UInt64, first: Int, count: Int, _ prometheus: Peer, _ nightjar: Peer) {
        self.seed = seed
        self.first = first
        self.count = count
        self.prometheus = prometheus
        self.nightjar = nightjar
        next = Lock(first)
    }

    /// Runs with the arguments of a command line; the exit status.
    static func main(_ arguments: [String]) async -> Int32 {
        var options: [String: UInt64] = ["--seed": 1, "--first": 0, "--count": 10_000]
        for place in stride(from: 0, to: arguments.count, by: 2) {
            guard options[arguments[place]] != nil, place + 1 < arguments.count,
                let value = UInt64(arguments[place + 1])
            else {
                print("usage: fuzz [--seed N] [--first N] [--count N]\n", toDescriptor: 2)
                return 2
            }
            options[arguments[place]] = value
        }
        do {
            return try await run(
                seed: options["--seed"] ?? 1,
                first: Int(options["--first"] ?? 0),
                count: Int(options["--count"] ?? 0)
            )
        } catch {
            print("fuzz failed: \(error)\n", toDescriptor: 2)
            return 2
        }
    }

    private static func run(seed: UInt64, first: Int, count: Int) async throws -> Int32 {
        let folder = "/tmp/nightjar-fuzz-\(wallClockMilliseconds())"
        try ChildProcess.run(["mkdir", "-p", folder + "/prometheus", folder + "/nightjar"])
        defer { _ = try? ChildProcess.run(["rm", "-rf", folder]) }
        let prometheus = try await Peer.prometheus(data: folder + "/prometheus")
        defer { prometheus.stop() }
        let nightjar = try await Peer.nightjar(data: folder + "/nightjar")
        defer { nightjar.stop() }
        let run = FuzzRun(seed: seed, first: first, count: count, prometheus, nightjar)
        try await run.feed()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<workers { group.addTask { try await run.work() } }
            try await group.waitForAll()
        }
        return run.report()
    }

    /// Writes the same samples to both.
    private func feed() async throws {
        var body = RemoteWriteBody()
        for series in FuzzData(seed: seed).series { body.add(series.labels, series.samples) }
        for peer in [prometheus, nightjar] {
            _ = try await peer.answer("/api/v1/write", body: body.snappy)
        }
    }

    private func work() async throws {
        while true {
            let number = next.withLock { next in
                defer { next += 1 }
                return next
            }
            let isOver = tally.withLock { $0.mismatches >= Self.enough }
            guard number < first + count, !isOver else { return }
            try await examine(number)
        }
    }

    private func request(_ number: Int) -> FuzzRequest {
        var random = SeededRandom(seed, part: UInt64(number))
        let isRange = random.has(chance: 50)
        // Now and then before the first sample or after the last.
        let offset = random.int(random.has(chance: 10) ? -300...2_900 : 100...2_300)
        let start = FuzzData.startMs + Int64(offset) * 1_000 + 500
        let step = Int64(random.pick([7, 15, 30, 60, 61, 113])) * 1_000
        let end = start + step * Int64(random.int(0...20))
        var generator = FuzzGenerator(random)
        return FuzzRequest(
            expression: generator.root(),
            time: isRange ? .range(start: start, end: end, step: step) : .instant(start)
        )
    }

    private func examine(_ number: Int) async throws {
        let request = request(number)
        let (ours, theirs) = try await ask(request)
        tally.withLock { tally in
            tally.asked += 1
            if case .failure = theirs {
                tally.failed += 1
            } else if theirs.isEmpty {
                tally.empty += 1
            }
        }
        guard FuzzAnswer.difference(ours, theirs) != nil else { return }
        let shrunk = try await shrink(request)
        let (a, b) = try await ask(shrunk)
        var parts: [(ours: FuzzAnswer, theirs: FuzzAnswer)] = []
        for child in shrunk.expression.children {
            parts.append(try await ask(FuzzRequest(expression: child, time: shrunk.time)))
        }
        let known = KnownDifference.explaining(
            shrunk,
            ours: a,
            theirs: b,
            isUnsteady: try await isUnsteady(shrunk, b),
            parts: parts
        )
        if let known {
            tally.withLock { $0.known[known, default: 0] += 1 }
            return
        }
        tally.withLock { $0.mismatches += 1 }
        let what = FuzzAnswer.difference(a, b)?.what ?? "nothing any more"
        print(
            """
            MISMATCH  make fuzz SEED=\(seed) FIRST=\(number) COUNT=1
              asked       \(request.description)
              smallest    \(shrunk.description)
              difference  \(what)
              Nightjar    \(a.excerpt())
              Prometheus  \(b.excerpt())

            """,
            toDescriptor: 1
        )
    }

    /// The smallest part of a question that differs, at one moment if it does there.
    private func shrink(_ request: FuzzRequest) async throws -> FuzzRequest {
        var best = request
        if case .range = request.time, let moment = try await firstMoment(request) {
            let instant = FuzzRequest(expression: request.expression, time: .instant(moment))
            if try await differs(instant) { best = instant }
        }
        var isShrinking = true
        var budget = 300
        while isShrinking, budget > 0 {
            isShrinking = false
            let parts = best.expression.children.filter { part in
                part.kind != .matrix && !part.text.hasPrefix("\"")
            }
            for smaller in parts + best.expression.smaller where budget > 0 {
                budget -= 1
                let candidate = FuzzRequest(expression: smaller, time: best.time)
                guard smaller.text.count < best.expression.text.count,
                    try await differs(candidate)
                else { continue }
                best = candidate
                isShrinking = true
                break
            }
        }
        return best
    }

    /// Whether Prometheus answers otherwise when it is asked again.
    private func isUnsteady(_ request: FuzzRequest, _ answer: FuzzAnswer) async throws -> Bool {
        for _ in 0..<20 where try await ask(prometheus, request) != answer { return true }
        return false
    }

    private func firstMoment(_ request: FuzzRequest) async throws -> Int64? {
        let (ours, theirs) = try await ask(request)
        let time = FuzzAnswer.difference(ours, theirs)?.time
        return time.map { Int64(($0 * 1_000).rounded()) }
    }

    private func differs(_ request: FuzzRequest) async throws -> Bool {
        let (ours, theirs) = try await ask(request)
        return FuzzAnswer.difference(ours, theirs) != nil
    }

    private func ask(
        _ request: FuzzRequest
    ) async throws -> (ours: FuzzAnswer, theirs: FuzzAnswer) {
        async let ours = ask(nightjar, request)
        async let theirs = ask(prometheus, request)
        return (try await ours, try await theirs)
    }

    private func ask(_ peer: Peer, _ request: FuzzRequest) async throws -> FuzzAnswer {
        var fetch = HTTPFetchRequest(url: "http://127.0.0.1:\(peer.port)\(request.path)")
        fetch.acceptsCompression = false
        fetch.maxBodyBytes = 1 << 28
        return try FuzzAnswer(try await http.send(fetch, before: .now + .seconds(60)))
    }

    private func report() -> Int32 {
        let tally = tally.withLock { $0 }
        var lines = [
            "seed \(seed): \(tally.asked) queries, \(tally.mismatches) mismatches;"
                + " both failed \(tally.failed), both empty \(tally.empty)"
        ]
        for (known, count) in tally.known.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines.append("  known difference, \(known.rawValue): \(count)")
        }
        print(lines.joined(separator: "\n") + "\n", toDescriptor: 1)
        return tally.mismatches == 0 ? 0 : 1
    }
}
