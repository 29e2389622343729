// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLSyntax
import Testing

@testable import PromQLEngine

@Suite struct QueryGateTests {
    @Test func `a query beyond the limit waits for its turn`() async throws {
        let gate = QueryGate(limit: 1)
        let later = ContinuousClock.now + .seconds(600)
        try await gate.enter(before: later)
        async let second: Void = gate.enter(before: later)
        while gate.waiting == 0 { await Task.yield() }
        #expect(gate.running == 1)
        gate.leave()
        try await second
        #expect(gate.waiting == 0)
        gate.leave()
        #expect(gate.running == 0)
    }

    @Test func `a query whose time is over before its turn is told so`() async throws {
        let gate = QueryGate(limit: 1)
        try await gate.enter(before: .now + .seconds(600))
        await #expect(throws: QueryError.timedOut(in: "query queue")) {
            try await gate.enter(before: .now)
        }
        gate.leave()
        #expect(gate.running == 0)
    }

    @Test func `a query that is given up while it waits leaves the queue`() async throws {
        let gate = QueryGate(limit: 1)
        let later = ContinuousClock.now + .seconds(600)
        try await gate.enter(before: later)
        let caught = await withTaskGroup(of: QueryError?.self) { group in
            group.addTask {
                do throws(QueryError) {
                    try await gate.enter(before: later)
                    return nil
                } catch { return error }
            }
            while gate.waiting == 0 { await Task.yield() }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(caught == .cancelled(in: "query queue"))
        gate.leave()
        #expect(gate.running == 0)
    }
}
