// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Locking
import TestSupport

/// A service whose `/metrics` has one gauge, `queue_depth`, that the test sets.
final class GaugePage: Sendable {
    private let value = Lock(1.0)
    private let server: CannedServer

    init() {
        let value = value
        server = CannedServer { _ in
            .body(
                200,
                """
                # HELP queue_depth Commands that wait.
                # TYPE queue_depth gauge
                queue_depth \(value.withLock { $0 })

                """
            )
        }
    }

    /// The address as a scrape target.
    var target: String { "127.0.0.1:\(server.port)" }

    func set(_ new: Double) { value.withLock { $0 = new } }
}
