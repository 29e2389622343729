// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Where samples are kept, for how long, and how many.
public struct StorageOptions: Sendable, Hashable {
    /// The directory of the databases, made where it is missing; nil keeps everything in memory.
    public var path: String?
    /// How long samples are kept, counted back from the newest batch.
    public var retention: Duration
    /// Bytes on disk above which the oldest samples go before their time; nil is no limit.
    public var maxBytes: Int?
    /// How long samples stay in memory once they are on disk, so that rules never wait for it.
    public var memoryWindow: Duration
    /// How many series may live at once; samples of others are dropped and counted.
    public var maxSeries: Int

    /// Makes options; what is left out has the standard value.
    public init(
        path: String? = nil,
        retention: Duration = .seconds(15 * 86_400),
        maxBytes: Int? = nil,
        memoryWindow: Duration = .seconds(3 * 3_600),
        maxSeries: Int = 500_000
    ) {
        self.path = path
        self.retention = retention
        self.maxBytes = maxBytes
        self.memoryWindow = memoryWindow
        self.maxSeries = maxSeries
    }

    /// Fifteen days in the directory `data`.
    public static let standard = StorageOptions(path: "data")

    /// All samples in memory, none of them ever too old.
    public static let memory = StorageOptions(retention: .seconds(1 << 50))
}
