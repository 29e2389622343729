// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking

/// A result that comes once, from whoever is first: an event, a timer, a callback, a cancellation.
public final class Outcome<Value: Sendable>: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Value, any Error>)
        case done(Result<Value, any Error>)
        case taken
    }

    private let state = Lock(State.idle)

    /// Makes an outcome that is still open.
    public init() {}

    /// Decides the outcome; false where it was decided before.
    @discardableResult
    public func finish(_ result: Result<Value, any Error>) -> Bool {
        let (waiter, isFirst) = state.withLock { state in
            switch state {
            case .idle:
                state = .done(result)
                return (CheckedContinuation<Value, any Error>?.none, true)
            case .waiting(let continuation):
                state = .taken
                return (continuation, true)
            case .done, .taken:
                return (nil, false)
            }
        }
        waiter?.resume(with: result)
        return isFirst
    }

    /// Waits for the outcome; for one waiter.
    ///
    /// - Throws: what the outcome holds, or `CancellationError` when the task is cancelled first.
    public func value() async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Value, any Error>? = state.withLock { state in
                    guard case .done(let result) = state else {
                        state = .waiting(continuation)
                        return nil
                    }
                    state = .taken
                    return result
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            finish(.failure(CancellationError()))
        }
    }
}
