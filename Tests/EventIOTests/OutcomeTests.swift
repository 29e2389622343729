// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import Glibc
import Testing

@Suite struct OutcomeTests {
    @Test func `the first result counts`() async throws {
        let outcome = Outcome<Int>()
        #expect(outcome.finish(.success(1)))
        #expect(!outcome.finish(.success(2)))
        #expect(try await outcome.value() == 1)
    }

    @Test func `cancellation ends the wait`() async {
        let outcome = Outcome<Int>()
        let task = Task { try await outcome.value() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `a silent descriptor ends in a time-out, a written one in readiness`() async throws {
        var pipes: [Int32] = [0, 0]
        unsafe pipe(&pipes)
        defer { for descriptor in pipes { close(descriptor) } }
        let readiness = Readiness()
        await #expect(throws: TimedOut.self) {
            try await readiness.readable(pipes[0], before: .now + .milliseconds(20))
        }
        unsafe _ = Glibc.write(pipes[1], "x", 1)
        try await readiness.readable(pipes[0], before: .now + .seconds(10))
    }

    @Test func `a deadline cancels its body`() async {
        await #expect(throws: TimedOut.self) {
            try await withDeadline(.now + .milliseconds(10), clock: ContinuousClock()) {
                try await Task.sleep(for: .seconds(60))
            }
        }
    }

    @Test func `a numeric address needs no look-up, an invalid name fails`() async throws {
        #expect(try await addresses(of: "127.0.0.1", before: .now + .seconds(5)) == ["127.0.0.1"])
        await #expect(throws: NameLookupError.self) {
            try await addresses(of: "does-not-exist.invalid", before: .now + .seconds(10))
        }
    }

    @Test func `a blocking call runs on its queue and its error comes back`() async throws {
        let queue = BlockingQueue(label: "test")
        #expect(try await queue.run { 42 } == 42)
        await #expect(throws: TimedOut.self) { try await queue.run { throw TimedOut() } }
    }
}
