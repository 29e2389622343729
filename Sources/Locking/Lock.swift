// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// A value that is reached only while its lock is held.
///
/// It wraps a `pthread_mutex_t` and not `Synchronization.Mutex`, because Thread Sanitizer does not
/// see the locks of the latter in this toolchain and reports false races. One lock type everywhere
/// keeps the sanitizer believable; it costs about 2 ns more.
///
/// It is `@unchecked Sendable` because `value` is touched between lock and unlock only, and what
/// goes in is `sending` or `Sendable`.
@safe public final class Lock<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    /// Makes an unlocked lock around `value`.
    public init(_ value: consuming sending Value) {
        self.value = value
        unsafe mutex = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Runs `body` with the lock held where nobody else holds it; nil where somebody does.
    public func withLockIfFree<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard unsafe pthread_mutex_trylock(mutex) == 0 else { return nil }
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// Runs `body` with the lock held; it must be short and must not call out.
    public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
