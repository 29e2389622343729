// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// One value of a series at one moment.
public struct Sample: Sendable, Hashable, BitwiseCopyable {
    /// When.
    public var time: Timestamp
    /// The value; a staleness marker says that the series ended here.
    public var value: Double

    /// Makes a sample.
    @inlinable
    public init(time: Timestamp, value: Double) {
        self.time = time
        self.value = value
    }
}

extension Double {
    /// The NaN that says "this series ended here".
    ///
    /// Source: Prometheus, model/value: `StaleNaN` is 0x7ff0000000000002.
    @inlinable public static var stalenessMarker: Double {
        Double(bitPattern: 0x7FF0_0000_0000_0002)
    }

    /// Whether this is the staleness marker, bit for bit; other NaNs are ordinary values.
    @inlinable public var isStalenessMarker: Bool { bitPattern == 0x7FF0_0000_0000_0002 }
}
