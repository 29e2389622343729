// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// The limits and defaults of query evaluation.
public struct EngineOptions: Sendable, Hashable {
    /// How far back the newest sample of a series may lie to count as its present value.
    public var lookback: Duration
    /// How long one query may take.
    public var timeout: Duration
    /// How many samples one query may hold in memory; more is an error, never a cut result.
    public var maxSamples: Int
    /// How many steps a range query may have.
    public var maxPoints: Int
    /// How many queries may evaluate at once; the sessions of rules are not counted.
    public var maxConcurrent: Int
    /// The step of a subquery that names none.
    public var subqueryStep: Duration
    /// Whether metric names are dropped at the end of a query instead of at each operation.
    ///
    /// Prometheus calls this `promql-delayed-name-removal`.
    public var delaysNameRemoval: Bool

    /// Prometheus' defaults.
    public static let standard = EngineOptions()

    /// Makes options; each default is that of Prometheus.
    public init(
        lookback: Duration = .seconds(300),
        timeout: Duration = .seconds(120),
        maxSamples: Int = 50_000_000,
        maxPoints: Int = 11_000,
        maxConcurrent: Int = 20,
        subqueryStep: Duration = .seconds(60),
        delaysNameRemoval: Bool = false
    ) {
        self.lookback = lookback
        self.timeout = timeout
        self.maxSamples = maxSamples
        self.maxPoints = maxPoints
        self.maxConcurrent = maxConcurrent
        self.subqueryStep = subqueryStep
        self.delaysNameRemoval = delaysNameRemoval
    }
}
