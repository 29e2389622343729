// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc

/// Why a length of time could not be calculated.
public struct DurationError: Error, Sendable, Hashable {
    /// What is wrong, in Prometheus' words.
    public let message: String
    /// The place in the expression's text.
    public let range: SourceRange
}

extension DurationExpression {
    /// Whether it is a number without arithmetic, which is printed as a duration.
    var isPlain: Bool {
        if case .number = self { return true }
        return false
    }

    /// Calculates the length of time for a query.
    ///
    /// - Parameters:
    ///   - step: the query's step; zero for an instant query.
    ///   - range: the query's end less its start; zero for an instant query.
    /// - Returns: the length, in whole milliseconds where there is arithmetic.
    /// - Throws: `DurationError` on a division by zero, and on a result that is no length of time.
    public func duration(
        step: Duration,
        range: Duration
    ) throws(DurationError) -> Duration {
        let seconds = try seconds(step: seconds(of: step), range: seconds(of: range))
        // As long as Prometheus' durations, which count nanoseconds in 64 bits.
        guard abs(seconds) < 0x1p63 / 1e9 else {
            throw DurationError(message: "duration out of range", range: sourceRange)
        }
        if isPlain { return .nanoseconds(Int64((seconds * 1e9).rounded())) }
        return .milliseconds(Int64(seconds * 1_000))
    }

    private func seconds(of duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    private func seconds(step: Double, range: Double) throws(DurationError) -> Double {
        switch self {
        case .number(let number): return number.value
        case .step: return step
        case .range: return range
        case .parentheses(let content, _): return try content.seconds(step: step, range: range)
        case .signed(let isNegative, let operand, _):
            let value = try operand.seconds(step: step, range: range)
            return isNegative ? -value : value
        case .extreme(let isMaximum, let left, let right, _):
            let a = try left.seconds(step: step, range: range)
            let b = try right.seconds(step: step, range: range)
            return isMaximum ? max(a, b) : min(a, b)
        case .binary(let operation, let left, let right):
            let a = try left.seconds(step: step, range: range)
            let b = try right.seconds(step: step, range: range)
            return try calculate(operation, a, b)
        }
    }

    private func calculate(
        _ operation: BinaryOperator,
        _ a: Double,
        _ b: Double
    ) throws(DurationError) -> Double {
        switch operation {
        case .add: return a + b
        case .subtract: return a - b
        case .multiply: return a * b
        case .divide:
            guard b != 0 else {
                throw DurationError(message: "division by zero", range: sourceRange)
            }
            return a / b
        case .modulo:
            guard b != 0 else { throw DurationError(message: "modulo by zero", range: sourceRange) }
            return a.truncatingRemainder(dividingBy: b)
        case .power: return pow(a, b)
        default: preconditionFailure("a duration knows arithmetic only")
        }
    }
}
