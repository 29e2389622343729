// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

extension Evaluation {
    /// The text of an argument that is one.
    func text(_ expression: Expression) -> String {
        if case .string(let literal) = expression.unparenthesized { return literal.value }
        return ""
    }

    /// Evaluates `label_replace` and `label_join`.
    func relabel(_ call: Call, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        let texts = call.arguments.dropFirst().map { text($0) }
        let function = call.function.rawValue
        let sources = call.function == .labelJoin ? texts.dropFirst(2) : []
        if let wrong = sources.first(where: { !isName($0) }) {
            throw .execution("invalid source label name in \(function)(): \(wrong)")
        }
        var expression: RegularExpression?
        if call.function == .labelReplace {
            expression = try? RegularExpression("(?s:\(texts[3]))")
            guard expression != nil else {
                throw .execution("invalid regular expression in label_replace(): \(texts[3])")
            }
        }
        guard isName(texts[0]) else {
            throw .execution("invalid destination label name in \(function)(): \(texts[0])")
        }
        var series = try vector(call.arguments[0], steps)
        for index in series.indices {
            let labels = series[index].labels
            let value: String
            if let expression {
                guard let match = expression.expand(texts[1], in: labels[texts[2]]) else {
                    continue
                }
                value = match
            } else {
                value = sources.map { labels[$0] }.joined(separator: texts[1])
            }
            series[index].labels = labels.setting(texts[0], to: value)
            if texts[0] == "__name__" { series[index].dropsName = false }
        }
        return try merged(series)
    }

    /// Evaluates the functions of the calendar, in UTC.
    func dates(_ call: Call, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        guard let argument = call.arguments.first else {
            let now = ContiguousArray((0..<steps.count).map { Double(steps.time($0)) / 1_000 })
            let series = StepSeries(labels: .empty, values: now)
            return try mapValues([series]) { date(call.function, $0) }
        }
        return try mapValues(try vector(argument, steps)) { date(call.function, $0) }
    }

    private func date(_ function: Function, _ seconds: Double) -> Double {
        // As Go on x86: what is no whole number of 64 bits is the least of them, and seconds count from
        // a year so early that none is negative, modulo 2^64.
        let whole = Int64(exactly: seconds.rounded(.towardZero)) ?? .min
        let elapsed = UInt64(bitPattern: whole &+ 9_223_372_028_715_321_600)
        let days = Int(elapsed / 86_400) - 106_751_991_073_094
        let rest = Int(elapsed % 86_400)
        switch function {
        case .hour: return Double(rest / 3_600)
        case .minute: return Double(rest / 60 % 60)
        case .dayOfWeek: return Double(((days + 4) % 7 + 7) % 7)
        default: break
        }
        let (year, month, day) = civil(days)
        switch function {
        case .year: return Double(year)
        case .month: return Double(month)
        case .dayOfMonth: return Double(day)
        case .dayOfYear: return Double(days - dayNumber(year, 1, 1) + 1)
        default:
            let next = month == 12 ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1)
            return Double(next - dayNumber(year, month, 1))
        }
    }
}

/// A moment in RFC 3339, in UTC and without zeros at the end of a second's fraction.
///
/// Source: Go, time: `RFC3339Nano`.
func dateText(_ milliseconds: Int64) -> String {
    let (days, rest) = (milliseconds.flooring(86_400_000), milliseconds.modulo(86_400_000))
    let date = civil(Int(days))
    func padded(_ number: Int64, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60].map { padded($0) }
    var fraction = padded(rest % 1_000, 3)[...]
    while fraction.last == "0" { fraction.removeLast() }
    return "\(padded(Int64(date.year), 4))-\(padded(Int64(date.month)))-\(padded(Int64(date.day)))"
        + "T\(clock.joined(separator: ":"))\(fraction.isEmpty ? "" : "." + fraction)Z"
}

extension Int64 {
    fileprivate func modulo(_ divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }

    fileprivate func flooring(_ divisor: Int64) -> Int64 { (self - modulo(divisor)) / divisor }
}

/// The date of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
private func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let index = (5 * dayOfYear + 2) / 153
    let month = index < 10 ? index + 3 : index - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * index + 2) / 5 + 1)
}

/// The day's count from 1970-01-01 of a date.
private func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}
