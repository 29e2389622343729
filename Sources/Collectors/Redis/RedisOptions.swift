// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Secrets

/// One Redis server to poll.
public struct RedisOptions: Sendable, Equatable {
    /// The label `server`.
    public var name: String
    /// `redis://user:password@host:port/database`; may hold a password.
    public var address: Secret
    /// Wins over the address'.
    public var password: Secret?
    /// From poll to poll.
    public var interval: Duration = .seconds(15)
    /// For one poll with all its parts.
    public var timeout: Duration = .seconds(5)
    /// Keys whose size is watched; a `*` makes a pattern, which costs a bounded scan.
    public var checkKeys: [String] = []
    /// Streams that are watched with their groups.
    public var checkStreams: [String] = []
    /// Parts switched off, by name, against their default.
    public var collectors: [String: Bool] = [:]
    /// Series of one family at most.
    public var maxSeries = 5_000

    /// Makes the options of a server with the defaults.
    public init(name: String, address: Secret) {
        self.name = name
        self.address = address
    }

    /// The names that `collectors` may have.
    public static let collectorNames = [
        "info", "config", "slowlog", "latency", "cluster", "keys", "streams",
    ]
}
