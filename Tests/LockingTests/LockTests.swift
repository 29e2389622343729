// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Locking
import Testing

@Suite struct LockTests {
    @Test func `four tasks count without losing one`() async {
        let lock = Lock(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { for _ in 0..<1_000 { lock.withLock { $0 += 1 } } }
            }
        }
        #expect(lock.withLock { $0 } == 4_000)
    }

    @Test func `an error passes through and unlocks`() {
        struct Failure: Error {}
        let lock = Lock(1)
        #expect(throws: Failure.self) { try lock.withLock { _ in throw Failure() } }
        #expect(lock.withLock { $0 } == 1)
    }
}
