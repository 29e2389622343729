// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Cancels `body` at `deadline` and throws `TimedOut`; `body` must heed cancellation.
///
/// - Throws: `TimedOut`, or what `body` throws.
public func withDeadline<C: Clock, Value: Sendable>(
    _ deadline: C.Instant,
    clock: C,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value where C.Duration == Duration {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await clock.sleep(until: deadline, tolerance: nil)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else { throw TimedOut() }
        return value
    }
}
