// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Secrets

/// Where a Redis server is and how to log in.
public struct RedisAddress: Sendable, Hashable {
    /// A name or a numeric address.
    public var host: String
    /// The port, 6379 where none is written.
    public var port: UInt16
    /// The number of the database.
    public var database: Int
    /// The account; nil is the default one.
    public var user: String?
    /// The password; nil logs in as nobody.
    public var password: Secret?

    /// Makes an address.
    public init(
        host: String,
        port: UInt16 = 6_379,
        database: Int = 0,
        user: String? = nil,
        password: Secret? = nil
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
    }

    /// Reads `redis://user:password@host:port/database`, of which all but the host may be missing;
    /// the scheme may be missing too.
    ///
    /// - Throws: `unsupported` for what cannot be read, `tls` for `rediss://`; the text itself is
    ///   not in the message, for it may hold a password.
    public init(parsing text: String) throws(RedisError) {
        let parts = text.splitOnce("://")
        var rest = parts.map(\.1) ?? Substring(text)
        switch parts.map(\.0) {
        case nil, "redis", "valkey": break
        case "rediss", "valkeys":
            throw RedisError(.tls, "read the address: TLS to Redis is not supported")
        default: throw RedisError(.unsupported, "read the address: it wants redis://host:port")
        }
        self.init(host: "")
        if let at = rest.lastIndex(of: "@") {
            try readCredentials(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        if let slash = rest.firstIndex(of: "/") {
            let path = rest[rest.index(after: slash)...]
            guard let number = path.isEmpty ? 0 : Int(path), number >= 0 else {
                throw RedisError(.unsupported, "read the address: the database is not a number")
            }
            database = number
            rest = rest[..<slash]
        }
        try readHost(rest)
    }

    private mutating func readCredentials(_ text: Substring) throws(RedisError) {
        guard let (name, word) = text.splitOnce(":") else {
            user = try Self.decoded(text)
            return
        }
        user = name.isEmpty ? nil : try Self.decoded(name)
        password = word.isEmpty ? nil : Secret(try Self.decoded(word))
    }

    private mutating func readHost(_ text: Substring) throws(RedisError) {
        var name = text
        var tail: Substring = ""
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            name = text[text.index(after: text.startIndex)..<end]
            tail = text[text.index(after: end)...]
        } else if let colon = text.lastIndex(of: ":") {
            name = text[..<colon]
            tail = text[colon...]
        }
        guard !name.isEmpty else { throw RedisError(.unsupported, "read the address: no host") }
        host = String(name)
        guard !tail.isEmpty else { return }
        guard tail.first == ":", let number = UInt16(tail.dropFirst()), number > 0 else {
            throw RedisError(.unsupported, "read the address: the port is not a number")
        }
        port = number
    }

    private static func decoded(_ text: Substring) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let code = UInt8(String(Substring(rest.prefix(2))), radix: 16) else {
                throw RedisError(.unsupported, "read the address: a % without two digits")
            }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension StringProtocol where SubSequence == Substring {
    /// The texts before and after the first `separator`; nil where there is none.
    fileprivate func splitOnce(_ separator: String) -> (Substring, Substring)? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(separator) {
                return (self[..<start], self[index(start, offsetBy: separator.count)...])
            }
            start = index(after: start)
        }
        return nil
    }
}
