// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Why a conversation with Redis, or one command of it, failed.
public struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// The server's name has no address.
        case dns
        /// Nothing accepts connections, or the server turned this one away, or it was cut.
        case refused
        /// TLS was asked for, which the client does not speak.
        case tls
        /// Wrong or missing credentials.
        case auth
        /// No answer in time.
        case timeout
        /// Something answered that does not speak the protocol, or too much.
        case `protocol`
        /// The account lacks a right.
        case permission
        /// The server does not know the command.
        case unsupported
    }

    /// The kind.
    public let reason: Reason
    /// The first word of the server's error, such as `NOPERM`; nil where the server said nothing.
    public let prefix: String?
    /// One line: what was tried, and why it failed.
    public let message: String

    /// The message.
    public var description: String { message }

    init(_ reason: Reason, _ message: String, prefix: String? = nil) {
        self.reason = reason
        self.prefix = prefix
        self.message = message
    }

    /// An error that the server answered.
    ///
    /// Source: Redis 5 to 7, the texts of `shared.*err` in server.c and acl.c.
    public init(answered text: String, to command: String) {
        let prefix = text.prefix { $0 != " " }
        let rest = text.dropFirst(prefix.count + 1)
        let reason: Reason =
            switch prefix {
            case "NOAUTH", "WRONGPASS": .auth
            case "NOPERM": .permission
            case "DENIED", "LOADING", "MASTERDOWN", "MISCONF", "BUSY": .refused
            case "ERR" where rest.hasPrefix("invalid password"): .auth
            case "ERR" where rest.hasPrefix("max number of clients"): .refused
            default: .unsupported
            }
        self.init(reason, "\(command): \(text.prefix(300))", prefix: String(prefix))
    }
}

/// What the server answers to one command, in RESP2.
public indirect enum RedisReply: Sendable, Hashable {
    /// A bulk string, which may be any bytes.
    case string([UInt8])
    /// A short word such as `OK`.
    case status(String)
    /// A number.
    case integer(Int64)
    /// Replies in order.
    case array([RedisReply])
    /// No value.
    case null
    /// An error, which costs this command only.
    case error(String)

    /// The text of a string or a status, with what is not UTF-8 replaced; nil for the rest.
    public var text: String? {
        switch self {
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let word): word
        default: nil
        }
    }

    /// The number, also where it came as text; nil for the rest.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        default: text.flatMap(Double.init)
        }
    }

    /// The replies inside; nil for what is not an array.
    public var elements: [RedisReply]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }
}
