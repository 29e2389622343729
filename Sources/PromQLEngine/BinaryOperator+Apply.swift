// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc
internal import PromQLSyntax
internal import Samples

extension BinaryOperator {
    /// Whether it cuts native histograms.
    var isTrim: Bool { self == .trimLower || self == .trimUpper }

    /// The value of an arithmetic operation; of a comparison, whether it holds as 1 or 0.
    func apply(_ a: Double, _ b: Double) -> Double {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .modulo: fmod(a, b)
        case .power: pow(a, b)
        case .atan2: Glibc.atan2(a, b)
        case .equal: a == b ? 1 : 0
        case .notEqual: a != b ? 1 : 0
        case .greater: a > b ? 1 : 0
        case .less: a < b ? 1 : 0
        case .greaterOrEqual: a >= b ? 1 : 0
        case .lessOrEqual: a <= b ? 1 : 0
        case .and, .or, .unless, .trimLower, .trimUpper: .nan
        }
    }

    /// Applies the operation step by step where both sides have a value.
    ///
    /// A comparison keeps the value of one side where it holds, or gives 0 and 1. The operator is
    /// looked at once and not at each step, which makes an addition cost 1 ns and not 6.
    func apply(
        _ left: ContiguousArray<Double>,
        _ right: ContiguousArray<Double>,
        keeping kept: KeptSide
    ) -> ContiguousArray<Double> {
        switch self {
        case .add: joined(left, right) { $0 + $1 }
        case .subtract: joined(left, right) { $0 - $1 }
        case .multiply: joined(left, right) { $0 * $1 }
        case .divide: joined(left, right) { $0 / $1 }
        case .equal: compared(left, right, kept) { $0 == $1 }
        case .notEqual: compared(left, right, kept) { $0 != $1 }
        case .greater: compared(left, right, kept) { $0 > $1 }
        case .less: compared(left, right, kept) { $0 < $1 }
        case .greaterOrEqual: compared(left, right, kept) { $0 >= $1 }
        case .lessOrEqual: compared(left, right, kept) { $0 <= $1 }
        default: joined(left, right) { self.apply($0, $1) }
        }
    }

    @inline(__always)
    private func joined(
        _ left: ContiguousArray<Double>,
        _ right: ContiguousArray<Double>,
        _ operation: (Double, Double) -> Double
    ) -> ContiguousArray<Double> {
        var result = left
        var output = result.mutableSpan
        let other = right.span
        for step in 0..<min(output.count, other.count) {
            let (a, b) = (output[step], other[step])
            let isAbsent = a.isStalenessMarker || b.isStalenessMarker
            output[step] = isAbsent ? .stalenessMarker : operation(a, b)
        }
        return result
    }

    @inline(__always)
    private func compared(
        _ left: ContiguousArray<Double>,
        _ right: ContiguousArray<Double>,
        _ kept: KeptSide,
        _ holds: (Double, Double) -> Bool
    ) -> ContiguousArray<Double> {
        switch kept {
        case .left: joined(left, right) { holds($0, $1) ? $0 : .stalenessMarker }
        case .right: joined(left, right) { holds($0, $1) ? $1 : .stalenessMarker }
        case .neither: joined(left, right) { holds($0, $1) ? 1 : 0 }
        }
    }
}

/// Whose value a comparison that holds gives; the neither of `bool` gives 1 and 0.
enum KeptSide {
    case left
    case right
    case neither
}
