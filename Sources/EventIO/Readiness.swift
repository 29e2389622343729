// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Dispatch
internal import Locking

/// A deadline passed.
public struct TimedOut: Error, Sendable {
    /// Makes the error.
    public init() {}
}

/// Waits until a descriptor can be read or written; the one place that waits for a target.
///
/// Source: Dispatch's read and write sources, one a wait, which cost about 0.1 ms.
public struct Readiness: Sendable {
    /// What is waited for.
    private enum Direction {
        case read
        case write
    }

    private let queue: DispatchQueue

    /// Makes a readiness with a queue of its own.
    public init() { queue = DispatchQueue(label: "readiness") }

    /// Returns when `descriptor` has something to read, or its peer is gone.
    ///
    /// The descriptor must stay open until the call returns.
    ///
    /// - Throws: `TimedOut` at the deadline, `CancellationError` when the task is cancelled.
    public func readable(
        _ descriptor: Int32,
        before deadline: ContinuousClock.Instant
    ) async throws {
        try await wait(descriptor, .read, deadline)
    }

    /// Returns when `descriptor` takes bytes, or its connection failed.
    ///
    /// The descriptor must stay open until the call returns.
    ///
    /// - Throws: `TimedOut` at the deadline, `CancellationError` when the task is cancelled.
    public func writable(
        _ descriptor: Int32,
        before deadline: ContinuousClock.Instant
    ) async throws {
        try await wait(descriptor, .write, deadline)
    }

    private func wait(
        _ descriptor: Int32,
        _ direction: Direction,
        _ deadline: ContinuousClock.Instant
    ) async throws {
        let outcome = Outcome<Void>()
        let event: any DispatchSourceProtocol =
            switch direction {
            case .read:
                DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
            case .write:
                DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
            }
        let timer = DispatchSource.makeTimerSource(queue: queue)
        let left = deadline - .now
        timer.schedule(deadline: .now() + max(0, left.seconds))
        event.setEventHandler { @Sendable in outcome.finish(.success(())) }
        timer.setEventHandler { @Sendable in outcome.finish(.failure(TimedOut())) }
        // The descriptor may be closed and reused once this returns, so the source must be gone.
        let cancelled = DispatchGroup()
        cancelled.enter()
        event.setCancelHandler { @Sendable in cancelled.leave() }
        event.activate()
        timer.activate()
        defer {
            timer.cancel()
            event.cancel()
            cancelled.wait()
        }
        try await outcome.value()
    }
}

extension Duration {
    /// Seconds with their fraction.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
