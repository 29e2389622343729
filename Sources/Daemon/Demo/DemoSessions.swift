// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PostgresClient
internal import Secrets

/// Connections of `auth-service` that hold their place in the pool, each in an open transaction.
final class DemoSessions: Sendable {
    private static let longest = Duration.seconds(300)

    private let address: PostgresAddress
    private let (orders, order) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(4))

    init(port: Int) {
        let dsn = "postgresql://postgres@127.0.0.1:\(port)/postgres?application_name=auth-service"
        address = PostgresAddress(dsn: Secret(dsn))
    }

    /// Lets `run` hold so many connections.
    func hold(_ count: Int) { order.yield(count) }

    /// Holds as many connections as was said last, until the task is cancelled.
    func run() async {
        var count: Int? = 0
        while let held = count {
            count = await withTaskGroup(of: Int?.self) { group in
                group.addTask { [orders] in
                    for await next in orders { return next }
                    return nil
                }
                for _ in 0..<held {
                    group.addTask {
                        await self.holdOne()
                        return held
                    }
                }
                defer { group.cancelAll() }
                // A connection that ended early is opened anew with the others.
                return await group.next() ?? nil
            }
        }
    }

    /// Idle in transaction, as a service's session that forgot to commit.
    private func holdOne() async {
        let deadline = ContinuousClock.now + Self.longest
        guard var connection = try? await PostgresConnection.connect(to: address, before: deadline)
        else { return }
        _ = try? await connection.query("begin", before: deadline)
        try? await Task.sleep(for: Self.longest)
    }
}
