// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking

extension HTTPServer {
    /// Ends what the library does not: clients gone while suspended, connections past a deadline,
    /// and the slowest readers where answers fill the memory.
    ///
    /// The lock of the table keeps every descriptor in it open: a connection leaves the table
    /// before it is closed.
    func sweep() {
        let now = ContinuousClock.now
        connections.withLock { table in
            let isCrowded = table.count >= options.connectionLimit * 7 / 8
            for connection in table.values { check(connection, now, isCrowded) }
            freeMemory(of: table.values, now)
        }
    }

    private func check(
        _ connection: Connection,
        _ now: ContinuousClock.Instant,
        _ isCrowded: Bool
    ) {
        if let exchange = connection.exchange, exchange.isWaiting {
            guard connection.hasHungUp else { return }
            noticed?(.clientGone)
            exchange.abandon()
            return
        }
        let (isLate, incident) = connection.lateness(at: now, isCrowded: isCrowded)
        guard isLate || (connection.isStale(at: now) && connection.hasHungUp) else { return }
        if connection.cut(), isLate, let incident { noticed?(incident) }
    }

    /// Keeps the answers that began last, as far as there is memory, and cuts off the others.
    private func freeMemory(of all: some Sequence<Connection>, _ now: ContinuousClock.Instant) {
        let unread = all.compactMap { connection in
            connection.unread(at: now).map { (connection: connection, answer: $0) }
        }
        guard unread.reduce(0, { $0 + $1.answer.count }) > options.answerMemory else { return }
        var kept: Set<ObjectIdentifier> = []
        var total = 0
        for (connection, answer) in unread.sorted(by: { $0.answer.since > $1.answer.since })
        where !kept.contains(answer.id) {
            if total + answer.count <= options.answerMemory {
                kept.insert(answer.id)
                total += answer.count
            } else if connection.cut() {
                noticed?(.slowReader)
            }
        }
    }
}
