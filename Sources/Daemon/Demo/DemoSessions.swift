// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PostgresClient
internal import Secrets

/// Connections of `auth-service` that hold their place in the pool, each in an open transaction.
actor DemoSessions {
    private let port: Int
    private var tasks: [Task<Void, Never>] = []

    init(port: Int) { self.port = port }

    /// Opens connections that stay active until `close`.
    func open(_ count: Int) {
        let dsn = "postgresql://postgres@127.0.0.1:\(port)/postgres?application_name=auth-service"
        let address = PostgresAddress(dsn: Secret(dsn))
        for _ in 0..<count {
            // These stand in for another process' connections and end with the play.
            tasks.append(
                Task {
                    let deadline = ContinuousClock.now + .seconds(300)
                    guard
                        var connection = try? await PostgresConnection.connect(
                            to: address,
                            before: deadline
                        )
                    else { return }
                    // Idle in transaction, as a service's session that forgot to commit.
                    _ = try? await connection.query("begin", before: deadline)
                    try? await Task.sleep(for: .seconds(300))
                }
            )
        }
    }

    /// Closes them all.
    func close() {
        for task in tasks { task.cancel() }
        tasks = []
    }
}
