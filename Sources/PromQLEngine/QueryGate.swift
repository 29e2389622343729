// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Locking

/// Lets so many queries evaluate at once; the others wait for their turn, oldest first.
///
/// Source: Prometheus, promql/active_query_tracker.go.
final class QueryGate: Sendable {
    private struct State {
        var running = 0
        var nextID = 0
        var waiting: [(id: Int, turn: AsyncStream<Void>.Continuation)] = []
    }

    private let limit: Int
    private let state = Lock(State())

    init(limit: Int) { self.limit = max(1, limit) }

    /// How many evaluate now.
    var running: Int { state.withLock(\.running) }

    /// How many wait for their turn.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Returns once it is the caller's turn, who must call `leave` when done.
    func enter(before deadline: ContinuousClock.Instant) async throws(QueryError) {
        if enterAtOnce() { return }
        let (turns, turn) = AsyncStream<Void>.makeStream()
        let id: Int? = state.withLock { state in
            guard state.running >= limit else {
                state.running += 1
                return nil
            }
            state.nextID += 1
            state.waiting.append((state.nextID, turn))
            return state.nextID
        }
        guard let id, await !comes(turns, before: deadline) else { return }
        let wasWaiting = state.withLock { state in
            let place = state.waiting.firstIndex { $0.id == id }
            if let place { state.waiting.remove(at: place) }
            return place != nil
        }
        // The turn came just after the wait was given up.
        if !wasWaiting { leave() }
        throw Task.isCancelled ? .cancelled(in: "query queue") : .timedOut(in: "query queue")
    }

    /// Takes a turn where nobody has to wait for one; the caller must call `leave` then.
    func enterAtOnce() -> Bool {
        state.withLock { state in
            guard state.running < limit else { return false }
            state.running += 1
            return true
        }
    }

    /// Gives the turn on.
    func leave() {
        let next: AsyncStream<Void>.Continuation? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst().turn }
            state.running -= 1
            return nil
        }
        next?.yield()
    }

    private func comes(
        _ turns: AsyncStream<Void>,
        before deadline: ContinuousClock.Instant
    ) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await turns.first { true } != nil }
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                return false
            }
            let isTurn = await group.next() ?? false
            group.cancelAll()
            return isTurn
        }
    }
}
