// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Dispatch
internal import Glibc

/// Delivers signals of the process to a stream; their default action is switched off.
///
/// At most 8 wait; of more, the newest are kept.
public func signals(_ numbers: [Int32]) -> AsyncStream<Int32> {
    AsyncStream(bufferingPolicy: .bufferingNewest(8)) { continuation in
        let queue = DispatchQueue(label: "signals")
        let registered = DispatchGroup()
        let sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { @Sendable in continuation.yield(number) }
            registered.enter()
            source.setRegistrationHandler { @Sendable in registered.leave() }
            source.activate()
            return source
        }
        // Until the registration a signal would be ignored and lost.
        registered.wait()
        // Dispatch sources are thread-safe, but not declared Sendable on Linux.
        nonisolated(unsafe) let kept = sources
        continuation.onTermination = { _ in for source in unsafe kept { source.cancel() } }
    }
}

/// Lets a write to a connection or pipe that the other side closed fail, in place of ending us.
///
/// Some C libraries write without `MSG_NOSIGNAL`.
public func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
