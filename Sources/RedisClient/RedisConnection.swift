// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CHiredis
internal import EventIO
internal import Glibc
internal import Secrets

/// One connection to a Redis server; owns a `redisContext` and frees it.
///
/// It lives as a local value in the task that polls the server. All calls are non-blocking; after
/// an error is thrown an answer may still be on its way, so the connection must be dropped.
@safe public struct RedisConnection: ~Copyable {
    /// Bytes that the answers to one batch of commands may have, because a server may be hostile.
    public static let byteLimit = 32 << 20

    /// Elements that the arrays of these answers may have together, for the same reason.
    public static let elementLimit = 1_000_000

    private let context: UnsafeMutablePointer<redisContext>
    private let bound: UnsafeMutablePointer<nightjar_redis_bound>
    private let readiness = Readiness()

    private init?(taking context: UnsafeMutablePointer<redisContext>) {
        guard let bound = unsafe nightjar_redis_bound_arrays(context) else {
            unsafe redisFree(context)
            return nil
        }
        unsafe self.context = context
        unsafe self.bound = unsafe bound
    }

    deinit {
        unsafe redisFree(context)
        unsafe free(bound)
    }

    /// Connects, logs in and selects the database.
    ///
    /// - Throws: each reason.
    public static func connect(
        to address: RedisAddress,
        before deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> RedisConnection {
        var failure = RedisError(.dns, "connect: no address")
        for numeric in try await resolve(address.host, before: deadline) {
            do {
                var connection = try await open(numeric, address.port, before: deadline)
                try await connection.logIn(address, before: deadline)
                return connection
            } catch {
                failure = error
                guard error.reason == .refused else { break }
            }
        }
        throw failure
    }

    /// Sends commands at once and returns their replies in order.
    ///
    /// The C functions are `redisAppendCommandArgv`, `redisBufferWrite`, `redisBufferRead` and
    /// `redisGetReplyFromReader`. A command that the server refuses gives `RedisReply.error`.
    ///
    /// - Throws: `timeout`, `refused` where the server is gone, `protocol` for garbage.
    public mutating func send(
        _ commands: [[String]],
        before deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> [RedisReply] {
        for command in commands { append(command) }
        unsafe bound.pointee.left = Int64(Self.elementLimit)
        do {
            try await flush(before: deadline)
            var replies: [RedisReply] = []
            var received = 0
            while replies.count < commands.count {
                if let reply = try nextReply() {
                    replies.append(reply)
                    continue
                }
                try await readiness.readable(unsafe context.pointee.fd, before: deadline)
                received += pendingBytes()
                guard received <= Self.byteLimit else {
                    throw RedisError(.protocol, "read: the answer is too large")
                }
                guard unsafe redisBufferRead(context) == REDIS_OK else { throw lastError("read") }
            }
            return replies
        } catch {
            throw Self.translated(error, commands.first?.first ?? "read")
        }
    }

    private static func resolve(
        _ host: String,
        before deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> [String] {
        do { return try await addresses(of: host, before: deadline) } catch is TimedOut {
            throw RedisError(.timeout, "look up \(host): no answer")
        } catch { throw RedisError(.dns, "\(error)") }
    }

    private static func open(
        _ address: String,
        _ port: UInt16,
        before deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> RedisConnection {
        guard let context = unsafe redisConnectNonBlock(address, Int32(port)),
            let connection = unsafe RedisConnection(taking: context)
        else { throw RedisError(.unsupported, "connect: out of memory") }
        guard unsafe context.pointee.err == 0 else { throw connection.lastError("connect") }
        let socket = unsafe context.pointee.fd
        do { try await connection.readiness.writable(socket, before: deadline) } catch {
            throw translated(error, "connect")
        }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else {
            let reason: RedisError.Reason = code == ETIMEDOUT ? .timeout : .refused
            throw RedisError(reason, unsafe "connect: \(String(cString: strerror(code)))")
        }
        return connection
    }

    private mutating func logIn(
        _ address: RedisAddress,
        before deadline: ContinuousClock.Instant
    ) async throws(RedisError) {
        var commands: [[String]] = []
        if let password = address.password {
            let user = address.user.map { [$0] } ?? []
            commands.append(["AUTH"] + user + [password.reveal()])
        }
        if address.database != 0 { commands.append(["SELECT", "\(address.database)"]) }
        guard !commands.isEmpty else { return }
        let replies = try await send(commands, before: deadline)
        for (command, reply) in zip(commands, replies) {
            guard case .error(let text) = reply else { continue }
            let error = RedisError(answered: text, to: command[0])
            // Whatever AUTH was refused for, the credentials do not fit.
            throw command[0] == "AUTH" && error.reason != .refused
                ? RedisError(.auth, error.message, prefix: error.prefix) : error
        }
    }

    private func append(_ words: [String]) {
        var arguments: [UnsafePointer<CChar>?] = unsafe []
        for word in words { unsafe arguments.append(UnsafePointer(strdup(word))) }
        var lengths = words.map(\.utf8.count)
        unsafe redisAppendCommandArgv(context, Int32(words.count), &arguments, &lengths)
        for index in words.indices {
            unsafe free(UnsafeMutableRawPointer(mutating: arguments[index]))
        }
    }

    private func flush(before deadline: ContinuousClock.Instant) async throws {
        var isDone: Int32 = 0
        while true {
            guard unsafe redisBufferWrite(context, &isDone) == REDIS_OK else {
                throw lastError("write")
            }
            guard isDone == 0 else { return }
            try await readiness.writable(unsafe context.pointee.fd, before: deadline)
        }
    }

    private func nextReply() throws(RedisError) -> RedisReply? {
        var reply: UnsafeMutableRawPointer?
        guard unsafe redisGetReplyFromReader(context, &reply) == REDIS_OK else {
            throw lastError("read")
        }
        guard let reply = unsafe reply else { return nil }
        defer { unsafe freeReplyObject(reply) }
        return unsafe Self.copy(reply.assumingMemoryBound(to: redisReply.self))
    }

    /// Copies a reply of hiredis; its nesting is at most 7, which the reader enforces.
    private static func copy(_ reply: UnsafeMutablePointer<redisReply>) -> RedisReply {
        func bytes() -> [UInt8] {
            unsafe reply.pointee.str.map { text in
                unsafe Array(UnsafeRawBufferPointer(start: text, count: Int(reply.pointee.len)))
            } ?? []
        }
        switch unsafe reply.pointee.type {
        case REDIS_REPLY_STRING: return .string(bytes())
        case REDIS_REPLY_STATUS: return .status(String(decoding: bytes(), as: UTF8.self))
        case REDIS_REPLY_ERROR: return .error(String(decoding: bytes(), as: UTF8.self))
        case REDIS_REPLY_INTEGER: return .integer(unsafe reply.pointee.integer)
        case REDIS_REPLY_ARRAY:
            return .array(
                (0..<Int(unsafe reply.pointee.elements)).map { index in
                    unsafe reply.pointee.element[index].map { unsafe copy($0) } ?? .null
                }
            )
        default: return .null
        }
    }

    private func pendingBytes() -> Int {
        // One read takes at most 16 KiB, whatever waits.
        var count: Int32 = 0
        let code = unsafe ioctl(unsafe context.pointee.fd, UInt(FIONREAD), &count)
        return code == 0 ? min(Int(count), 16_384) : 0
    }

    private func lastError(_ action: String) -> RedisError {
        let text = unsafe withUnsafeBytes(of: &context.pointee.errstr) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if unsafe bound.pointee.refused != 0 {
            return RedisError(.protocol, "\(action): an array of the answer is too long")
        }
        let reason: RedisError.Reason =
            switch unsafe context.pointee.err {
            case REDIS_ERR_PROTOCOL, REDIS_ERR_OTHER, REDIS_ERR_OOM: .protocol
            default: .refused
            }
        return RedisError(reason, "\(action): \(text)")
    }

    private static func translated(_ error: any Error, _ action: String) -> RedisError {
        if let error = error as? RedisError { return error }
        // Only a deadline and a cancellation are left.
        return RedisError(.timeout, "\(action): no answer in time")
    }
}
