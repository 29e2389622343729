// SPDX-License-Identifier: Apache-2.0
// Nightjar

/// Values as whole numbers of a power of ten's part, where that is exact for every one of them.
///
/// Most values that people measure are whole numbers or have a few decimals; as whole numbers they
/// take a fraction of what their bits take. NaN, the infinities, the staleness marker and minus zero
/// are not numbers of that kind: a few of them are listed apart.
struct DecimalNumbers {
    /// Decimals that all values have at most.
    let decimals: Int
    /// The values times ten to the power of `decimals`; where a value is apart, the one before again.
    let numbers: ContiguousArray<Int64>
    /// Values that are apart, by their place.
    let apart: [(place: Int, bits: UInt64)]

    static let maxDecimals = 7
    static let powers: InlineArray<8, Double> = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7]
    /// Whole numbers up to here are exact, and so is the division by a power of ten.
    private static let limit = 0x1p53

    /// Takes the values; nil where they have too many decimals or too many are apart.
    init?(_ values: ContiguousArray<Double>) {
        var decimals = 0
        var apart: [(place: Int, bits: UInt64)] = []
        for (place, value) in values.enumerated() {
            if Self.isApart(value) {
                apart.append((place, value.bitPattern))
                guard apart.count <= values.count / 8 else { return nil }
                continue
            }
            while Self.number(value, decimals) == nil {
                decimals += 1
                guard decimals <= Self.maxDecimals else { return nil }
            }
        }
        var numbers: ContiguousArray<Int64> = []
        numbers.reserveCapacity(values.count)
        for value in values {
            if Self.isApart(value) {
                numbers.append(numbers.last ?? 0)
            } else {
                // What is exact with few decimals need not be with more.
                guard let number = Self.number(value, decimals) else { return nil }
                numbers.append(number)
            }
        }
        self.decimals = decimals
        self.numbers = numbers
        self.apart = apart
    }

    private static func isApart(_ value: Double) -> Bool {
        !value.isFinite || value.bitPattern == 0x8000_0000_0000_0000
    }

    @inline(__always)
    private static func number(_ value: Double, _ decimals: Int) -> Int64? {
        let scaled = (value * powers[decimals]).rounded()
        guard scaled.magnitude < limit else { return nil }
        // Minus zero would come back as zero.
        guard (scaled + 0) / powers[decimals] == value else { return nil }
        return Int64(scaled)
    }
}
