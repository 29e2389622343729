// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Dispatch

/// A serial queue for calls that block, so that no thread of the cooperative pool ever does.
public final class BlockingQueue: Sendable {
    private let queue: DispatchQueue

    /// Makes a queue; `label` names its thread for debuggers.
    public init(label: String) { queue = DispatchQueue(label: label) }

    /// Runs `body` on the queue, after what was given before, and returns what it returns.
    ///
    /// The body itself is not ended by a deadline: it must know one of its own.
    ///
    /// - Throws: what `body` throws, or `CancellationError` when the task is cancelled; the body
    ///   then runs to its end all the same.
    public func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let outcome = Outcome<Value>()
        queue.async { outcome.finish(Result { try body() }) }
        return try await outcome.value()
    }

    /// Hands `body` to the queue and returns at once; for a loop that lives on its own thread.
    public func start(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }
}

/// Runs an actor's jobs on one serial queue, so that a blocking call stalls no cooperative thread.
public final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// Makes an executor; `label` names its queue for debuggers.
    public init(label: String) { queue = DispatchQueue(label: label) }

    /// Runs a job after those given before.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = unsafe asUnownedSerialExecutor()
        queue.async { unsafe job.runSynchronously(on: executor) }
    }
}
