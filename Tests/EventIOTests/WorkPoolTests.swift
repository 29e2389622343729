// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Synchronization
import Testing

@testable import EventIO

private final class State: Sendable {
    let isOver = Atomic(false)
    let begun = Atomic(0)
}

struct WorkPoolTests {
    /// Without threads of its own this would never end: the spinning tasks hold every thread of the
    /// cooperative pool, and the one that ends them waits for a thread.
    @Test(.timeLimit(.minutes(1)), arguments: [WorkPool.Kind.queries, .polls])
    func `long work leaves the cooperative pool free`(kind: WorkPool.Kind) async {
        let pool = WorkPool(label: "test", kind)
        let state = State()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask(executorPreference: pool) {
                    state.begun.add(1, ordering: .relaxed)
                    while !state.isOver.load(ordering: .acquiring) {}
                }
            }
            group.addTask {
                while state.begun.load(ordering: .relaxed) == 0 { await Task.yield() }
                state.isOver.store(true, ordering: .releasing)
            }
        }
        #expect(state.begun.load(ordering: .relaxed) == 4)
    }
}
