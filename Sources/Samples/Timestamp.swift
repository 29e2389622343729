// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// A moment in milliseconds since the Unix epoch, as Prometheus stores it.
public struct Timestamp: Sendable, Hashable, Comparable, BitwiseCopyable {
    /// Milliseconds since the Unix epoch.
    public var milliseconds: Int64

    /// Makes a moment from milliseconds since the Unix epoch.
    @inlinable
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Makes a moment from seconds since the Unix epoch, rounded to the nearest millisecond.
    ///
    /// Values outside the range of 64 bits give the nearest end of it; NaN gives zero.
    public init(seconds: Double) {
        let scaled = (seconds * 1_000).rounded()
        milliseconds =
            scaled.isNaN ? 0 : scaled >= 0x1p63 ? .max : scaled < -0x1p63 ? .min : Int64(scaled)
    }

    /// Seconds since the Unix epoch.
    public var seconds: Double { Double(milliseconds) / 1_000 }

    /// Orders by time.
    @inlinable
    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// The moment later by `duration`, which counts in whole milliseconds.
    public static func + (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds &+ duration.milliseconds)
    }

    /// The moment earlier by `duration`, which counts in whole milliseconds.
    public static func - (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds &- duration.milliseconds)
    }

    /// The time from `b` to `a`.
    public static func - (a: Timestamp, b: Timestamp) -> Duration {
        .milliseconds(a.milliseconds &- b.milliseconds)
    }
}

extension Duration {
    /// Whole milliseconds, towards zero.
    public var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// Seconds with their fraction.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
