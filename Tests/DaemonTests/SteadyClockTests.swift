// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Locking
import Samples
import Testing

@testable import Daemon

/// Two clocks that a test sets.
private final class Clocks: Sendable {
    let wallMs = Lock<Int64>(1_000_000)
    let instant = Lock(ContinuousClock.now)

    func pass(_ seconds: Double) {
        wallMs.withLock { $0 += Int64(seconds * 1_000) }
        instant.withLock { $0 += .seconds(seconds) }
    }

    func steady() -> SteadyClock {
        SteadyClock(
            wall: { self.wallMs.withLock { $0 } },
            monotonic: { self.instant.withLock { $0 } }
        )
    }
}

@Suite struct SteadyClockTests {
    private let clocks = Clocks()

    @Test func `it shows the wall clock, also where that is set forward`() {
        let steady = clocks.steady()
        clocks.pass(10)
        #expect(steady.now() == Timestamp(milliseconds: 1_010_000))
        clocks.wallMs.withLock { $0 += 3_600_000 }
        #expect(steady.now() == Timestamp(milliseconds: 4_610_000))
    }

    @Test func `where the wall clock is set back it goes on, slower, until that has caught up`() {
        let steady = clocks.steady()
        clocks.wallMs.withLock { $0 -= 10_000 }
        #expect(steady.now() == Timestamp(milliseconds: 1_000_000))
        clocks.pass(16)
        #expect(steady.now() == Timestamp(milliseconds: 1_015_000))
        clocks.pass(144)
        #expect(steady.now() == Timestamp(milliseconds: 1_150_000))
        clocks.pass(16)
        #expect(steady.now() == Timestamp(milliseconds: 1_166_000))
    }

    @Test func `it goes on where it was before a restart, unless that is far ahead`() {
        let steady = clocks.steady()
        steady.resume(at: Timestamp(milliseconds: 990_000))
        #expect(steady.now() == Timestamp(milliseconds: 1_000_000))
        steady.resume(at: Timestamp(milliseconds: 1_030_000))
        #expect(steady.now() == Timestamp(milliseconds: 1_030_000))
        steady.resume(at: Timestamp(milliseconds: 9_000_000))
        #expect(steady.now() == Timestamp(milliseconds: 1_030_000))
    }

    @Test func `readings in quick succession never go back`() {
        let steady = clocks.steady()
        clocks.wallMs.withLock { $0 -= 5_000 }
        var last = steady.now()
        for _ in 0..<1_000 {
            clocks.pass(0.0001)
            let now = steady.now()
            #expect(now >= last)
            last = now
        }
        #expect(last > Timestamp(milliseconds: 1_000_000))
    }
}
