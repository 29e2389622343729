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

    @Test func `a lock that is held is not waited for`() {
        let lock = Lock(1)
        let other = Lock(2)
        #expect(lock.withLockIfFree { $0 } == 1)
        lock.withLock { _ in
            let found = lock.withLockIfFree { $0 }
            #expect(found == nil)
            #expect(other.withLockIfFree { $0 } == 2)
        }
        #expect(lock.withLockIfFree { $0 } == 1)
    }

    @Test func `an error passes through and unlocks`() {
        struct Failure: Error {}
        let lock = Lock(1)
        #expect(throws: Failure.self) { try lock.withLock { _ in throw Failure() } }
        #expect(lock.withLock { $0 } == 1)
    }
}
