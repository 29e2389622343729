// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CMicrohttpd
internal import Locking

/// The client of a stream is gone.
public struct StreamClosed: Error, Sendable {}

/// A bounded queue between an async producer and the library's content reader.
///
/// When it is empty, the reader suspends the connection, and the next chunk resumes it; when it is
/// full, the producer waits.
public final class BodyWriter: Sendable {
    private struct State {
        var chunks: [[UInt8]] = []
        /// The read position in the first chunk.
        var offset = 0
        var isFinished = false
        var hasFailed = false
        /// The suspended connection's address, or 0.
        var suspended: UInt = 0
        var producer: CheckedContinuation<Void, Never>?
    }

    /// Chunks that may wait: enough to keep the socket busy while the next one is made.
    private static let limit = 4

    private let state = Lock(State())

    /// Adds a chunk, waiting while four are queued.
    ///
    /// - Throws: `StreamClosed` once the client is gone, `CancellationError`.
    public func write(_ chunk: [UInt8]) async throws {
        guard !chunk.isEmpty else { return }
        while true {
            try Task.checkCancellation()
            let (address, isFull): (UInt, Bool) = try state.withLock { state in
                if state.hasFailed { throw StreamClosed() }
                if state.chunks.count >= Self.limit { return (0, true) }
                state.chunks.append(chunk)
                defer { state.suspended = 0 }
                return (state.suspended, false)
            }
            resumeConnection(address)
            if !isFull { return }
            await waitForRoom()
        }
    }

    /// Whether the connection waits for the producer.
    var isSuspended: Bool { state.withLock { $0.suspended != 0 } }

    /// Ends the stream; also wakes a waiting producer, so that it needs no cancellation of its own.
    func end(failed: Bool) {
        let (address, producer) = state.withLock { state in
            state.isFinished = true
            state.hasFailed = state.hasFailed || failed
            defer { (state.suspended, state.producer) = (0, nil) }
            return (state.suspended, state.producer)
        }
        resumeConnection(address)
        producer?.resume()
    }

    /// Called by the library on its thread; -1 is the end of the stream, -2 a broken one.
    func read(into room: UnsafeMutableRawBufferPointer, connection: OpaquePointer) -> Int {
        let (count, producer): (Int, CheckedContinuation<Void, Never>?) = state.withLock { state in
            if state.hasFailed { return (-2, nil) }
            let count = unsafe Self.take(&state, into: room)
            if count == 0 {
                if state.isFinished { return (-1, nil) }
                unsafe MHD_suspend_connection(connection)
                state.suspended = UInt(bitPattern: connection)
            }
            defer { state.producer = nil }
            return (count, state.producer)
        }
        producer?.resume()
        return count
    }

    private func waitForRoom() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let hasRoom = state.withLock { state in
                if state.hasFailed || state.chunks.count < Self.limit { return true }
                state.producer = continuation
                return false
            }
            if hasRoom { continuation.resume() }
        }
    }

    private static func take(_ state: inout State, into room: UnsafeMutableRawBufferPointer) -> Int
    {
        var count = 0
        while count < room.count, let chunk = state.chunks.first {
            let taken = min(room.count - count, chunk.count - state.offset)
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[count..<count + taken])
                .copyBytes(from: chunk[state.offset..<state.offset + taken])
            count += taken
            state.offset += taken
            if state.offset == chunk.count {
                state.chunks.removeFirst()
                state.offset = 0
            }
        }
        return count
    }
}

/// Resumes a suspended connection by its address; 0 is none.
///
/// Connections cross into tasks as addresses, because pointers do not.
func resumeConnection(_ address: UInt) {
    if let connection = unsafe OpaquePointer(bitPattern: address) {
        unsafe MHD_resume_connection(connection)
    }
}
