// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Locking
import Testing

@testable import Daemon

/// Services that note when they begin and end.
private final class Diary: Sendable {
    private let lines = Lock<[String]>([])
    private let (news, wake) = AsyncStream<Void>.makeStream()

    var entries: [String] { lines.withLock { $0 } }

    func note(_ line: String) {
        lines.withLock { $0.append(line) }
        wake.yield()
    }

    /// Returns when a line was noted.
    func has(_ line: String) async {
        while !entries.contains(line) { for await _ in news { break } }
    }

    func service(_ name: String, every seconds: Int = 1) -> Service {
        Service(name: name, version: .every(.seconds(seconds))) {
            self.note("make \(name)\(seconds)")
            return {
                defer { self.note("end \(name)\(seconds)") }
                try? await Task.sleep(for: .seconds(600))
            }
        }
    }
}

@Suite struct SupervisorTests {
    @Test func `only services that differ are exchanged, and the old end before the new begin`()
        async throws
    {
        let diary = Diary()
        let rosters = Rosters()
        let before = [diary.service("a"), diary.service("b"), diary.service("c")]
        let after = [diary.service("a"), diary.service("b", every: 2), diary.service("d")]
        try await supervise(before, exchangedBy: rosters) {
            await diary.has("make c1")
            #expect(await rosters.ask(after) != nil)
            diary.note("exchanged")
        }
        let lines = diary.entries
        let exchange = lines.prefix { $0 != "exchanged" }
        #expect(exchange.prefix(3) == ["make a1", "make b1", "make c1"])
        #expect(Set(exchange.dropFirst(3).prefix(2)) == ["end b1", "end c1"])
        #expect(exchange.dropFirst(5) == ["make b2", "make d1"])
        #expect(Set(lines.suffix(3)) == ["end a1", "end b2", "end d1"])
    }

    @Test func `a service that ends by itself ends all, and is named`() async throws {
        let diary = Diary()
        let short = Service(name: "short", run: { await diary.has("make long1") })
        let failure = await #expect(throws: ServiceFailure.self) {
            try await supervise([diary.service("long"), short]) {
                try? await Task.sleep(for: .seconds(600))
            }
        }
        #expect(failure?.service == "short")
        #expect(diary.entries == ["make long1", "end long1"])
    }

    @Test func `a stop while services are exchanged leaves nobody waiting`() async throws {
        let rosters = Rosters()
        let (stop, order) = AsyncStream<Void>.makeStream()
        let (busy, began) = AsyncStream<Void>.makeStream()
        // It does not heed its order to leave, until all are cancelled: so the exchange cannot end.
        let stubborn = Service(name: "stubborn") {
            await withTaskCancellationHandler {
                began.yield()
                for await _ in stop {}
            } onCancel: {
                order.yield()
            }
        }
        try await supervise([stubborn], exchangedBy: rosters) {
            for await _ in busy { break }
            async let answer: Void? = rosters.ask([])
            order.finish()
            _ = await answer
        }
        #expect(await rosters.ask([]) == nil)
    }

    @Test func `a closed mailbox answers none, to those who wait and to those who come`() async {
        let mailbox = Mailbox<Int, Int>()
        async let first = mailbox.ask(1)
        let letter = await mailbox.next()
        #expect(letter?.question == 1)
        mailbox.close()
        #expect(await first == nil)
        #expect(await mailbox.ask(2) == nil)
        #expect(await mailbox.next() == nil)
    }

    @Test func `questions are answered each with its own answer`() async {
        let mailbox = Mailbox<Int, Int>()
        async let first = mailbox.ask(1)
        async let second = mailbox.ask(2)
        for _ in 0..<2 {
            guard let letter = await mailbox.next() else { break }
            mailbox.answer(letter, with: letter.question * 10)
        }
        #expect(await first == 10)
        #expect(await second == 20)
        mailbox.close()
    }
}
