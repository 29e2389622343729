// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// What one query asks for itself, in place of the engine's defaults.
public struct QueryOptions: Sendable, Hashable {
    /// How far back the newest sample of a series may lie; nil takes the engine's.
    public var lookback: Duration?
    /// How long the query may take, waiting included; nil, or more than the engine's, takes that.
    public var timeout: Duration?
    /// Whether the samples are counted for each step too.
    public var countsSteps: Bool

    /// The engine's defaults.
    public static let standard = QueryOptions()

    /// Makes options; what is left out takes the engine's default.
    public init(
        lookback: Duration? = nil,
        timeout: Duration? = nil,
        countsSteps: Bool = false
    ) {
        self.lookback = lookback
        self.timeout = timeout
        self.countsSteps = countsSteps
    }

    /// The engine's options with those of the query in place.
    func applied(to engine: EngineOptions) -> EngineOptions {
        var options = engine
        // A million years are as good as for ever, and leave room to calculate with.
        if let lookback, lookback > .zero { options.lookback = min(lookback, .seconds(1 << 45)) }
        if let timeout { options.timeout = min(timeout, engine.timeout) }
        return options
    }
}
