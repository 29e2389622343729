// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A part of the daemon that runs until its task is cancelled.
///
/// The vocabulary is swift-service-lifecycle's, cut to what the daemon needs.
struct Service: Sendable {
    /// What the log calls it.
    let name: String
    /// Returns when the task is cancelled; to return or throw earlier is a failure.
    let run: @Sendable () async throws -> Void
}

/// Why the daemon ended by itself.
struct ServiceFailure: Error, CustomStringConvertible {
    let service: String
    let cause: (any Error)?

    var description: String {
        "service \(service) ended: \(cause.map { "\($0)" } ?? "it returned before it was asked to")"
    }
}

/// Runs services side by side until `stop` returns or one of them ends, then cancels all.
///
/// - Throws: `ServiceFailure` naming the first service that ended by itself.
func supervise(
    _ services: [Service],
    until stop: @escaping @Sendable () async -> Void
) async throws(ServiceFailure) {
    enum Event: Sendable {
        case stopped
        case ended(String, (any Error)?)
    }
    let failure: ServiceFailure? = await withTaskGroup(of: Event.self) { group in
        for service in services {
            group.addTask {
                do {
                    try await service.run()
                    return .ended(service.name, nil)
                } catch {
                    return .ended(service.name, error)
                }
            }
        }
        group.addTask {
            await stop()
            return .stopped
        }
        defer { group.cancelAll() }
        guard case .ended(let name, let cause)? = await group.next(), !Task.isCancelled else {
            return nil
        }
        return ServiceFailure(service: name, cause: cause)
    }
    if let failure { throw failure }
}
