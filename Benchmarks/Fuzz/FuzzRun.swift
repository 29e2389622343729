// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import HTTPFetch
internal import Locking

/// Random agreement with Prometheus: the same samples and the same questions to both, until one differs.
///
/// `fuzz --seed S --first N --count M` repeats questions N to N+M-1 of a seed.
struct FuzzRun: Sendable {
    private let seed: UInt64
    private let first: Int
    private let count: Int
    private let peers: FuzzPeers
    private let data: FuzzData
    private let tally = Lock(FuzzTally())
    private let next: Lock<Int>

    private static let workers = 4
    /// Mismatches after which a run ends: the rest would say no more.
    private static let enough = 20

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
        let folder = "/tmp/nightjar-fuzz-\(seed)-\(wallClockMilliseconds())"
        try ChildProcess.run(["mkdir", "-p", folder + "/prometheus", folder + "/nightjar"])
        defer { _ = try? ChildProcess.run(["rm", "-rf", folder]) }
        // Every other seed looks back as far as engines do, the rest farther or less.
        let lookback = seed.isMultiple(of: 2) ? 300 : [47, 120, 1_000][Int(seed / 2 % 3)]
        let prometheus = try await Peer.prometheus(
            data: folder + "/prometheus",
            arguments: ["--query.lookback-delta=\(lookback)s"]
        )
        defer { prometheus.stop() }
        let nightjar = try await Peer.nightjar(data: folder + "/nightjar")
        defer { nightjar.stop() }
        let run = FuzzRun(
            seed: seed,
            first: first,
            count: count,
            peers: FuzzPeers(ours: nightjar, theirs: prometheus, lookback: lookback),
            data: FuzzData(seed: seed),
            next: Lock(first)
        )
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
        for series in data.series { body.add(series.labels, series.samples) }
        for peer in [peers.theirs, peers.ours] {
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
            var random = SeededRandom(seed, part: UInt64(number))
            switch random.int(0...99) {
            case 0..<4: try await examine(FuzzSeriesQuestion(&random, data), number)
            case 4..<8: try await examineWrong(FuzzRequest(&random).broken(&random), number)
            default: try await examine(FuzzRequest(&random), number)
            }
        }
    }

    /// Asks a question of the language.
    private func examine(_ request: FuzzRequest, _ number: Int) async throws {
        let (ours, theirs) = try await peers.ask(request)
        guard FuzzAnswer.difference(ours, theirs) != nil else {
            tally.withLock { $0.agreed(on: theirs) }
            return
        }
        let shrunk = try await FuzzShrinking(peers: peers).smallest(request)
        if let known = try await DifferenceJudge(peers: peers).explanation(of: shrunk) {
            tally.withLock { $0.excused(known) }
            return
        }
        let (a, b) = try await peers.ask(shrunk)
        tell(number, request, shrunk, a, b)
    }

    /// Asks what is no expression, mostly.
    private func examineWrong(_ request: FuzzRequest, _ number: Int) async throws {
        let (ours, theirs) = try await peers.ask(request)
        if FuzzAnswer.difference(ours, theirs) == nil {
            tally.withLock { $0.agreed(on: theirs) }
        } else if NewSyntax.explains(ours, theirs) {
            tally.withLock { $0.excusedSyntax() }
        } else {
            tell(number, request, request, ours, theirs)
        }
    }

    private func examine(_ question: FuzzSeriesQuestion, _ number: Int) async throws {
        let ours = try await peers.list(question.path, from: peers.ours)
        let theirs = try await peers.list(question.path, from: peers.theirs)
        let known = try await peers.list(question.unboundedSeriesPath, from: peers.theirs)
        let fault = question.fault(ours: ours, theirs: theirs, matching: known, in: data)
        tally.withLock { fault == nil ? $0.agreedOnList() : $0.differed() }
        guard let fault else { return }
        let lines = [
            "MISMATCH  make fuzz SEED=\(seed) FIRST=\(number) COUNT=1", question.path, fault,
        ]
        print(lines.joined(separator: "\n  ") + "\n\n", toDescriptor: 1)
    }

    private func tell(
        _ number: Int,
        _ request: FuzzRequest,
        _ shrunk: FuzzRequest,
        _ ours: FuzzAnswer,
        _ theirs: FuzzAnswer
    ) {
        tally.withLock { $0.differed() }
        let what = FuzzAnswer.difference(ours, theirs)?.what ?? "nothing any more"
        print(
            """
            MISMATCH  make fuzz SEED=\(seed) FIRST=\(number) COUNT=1
              asked       \(request.description)
              smallest    \(shrunk.description)
              difference  \(what)
              Nightjar    \(ours.excerpt())
              Prometheus  \(theirs.excerpt())


            """,
            toDescriptor: 1
        )
    }

    private func report() -> Int32 {
        let tally = tally.withLock { $0 }
        print("seed \(seed): \(tally.description)\n", toDescriptor: 1)
        return tally.mismatches == 0 ? 0 : 1
    }
}
