// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples

extension Evaluation {
    private func text(_ expression: Expression) -> String {
        if case .string(let literal) = expression.unparenthesized { return literal.value }
        return ""
    }

    /// Evaluates `label_replace` and `label_join`.
    func relabel(_ call: Call, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        let texts = call.arguments.dropFirst().map { text($0) }
        var series = try vector(call.arguments[0], steps)
        guard isName(texts[0]) else {
            throw QueryError(
                kind: .execution,
                message:
                    "invalid destination label name in \(call.function.rawValue)(): \(texts[0])"
            )
        }
        var expression: RegularExpression?
        if call.function == .labelReplace {
            do { expression = try RegularExpression("(?s:\(texts[3]))") } catch {
                throw QueryError(
                    kind: .execution,
                    message: "invalid regular expression in label_replace(): \(texts[3])"
                )
            }
        }
        for index in series.indices {
            let labels = series[index].labels
            let value: String
            if let expression {
                guard let groups = expression.groups(in: labels[texts[2]]) else { continue }
                value = expand(texts[1], groups)
            } else {
                value = texts.dropFirst(2).map { labels[$0] }.joined(separator: texts[1])
            }
            series[index].labels = labels.setting(texts[0], to: value)
            if texts[0] == "__name__" { series[index].dropsName = false }
        }
        return try merged(series)
    }

    /// Puts groups into a replacement, where `$1` and `${1}` stand for them.
    private func expand(_ template: String, _ groups: [String?]) -> String {
        var result = ""
        var rest = template.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "$" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            if rest.first == "$" {
                rest.removeFirst()
                result += "$"
                continue
            }
            let isBraced = rest.first == "{"
            if isBraced { rest.removeFirst() }
            let name = rest.prefix {
                $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_"
            }
            rest = rest.dropFirst(name.count)
            if isBraced, rest.first == "}" { rest.removeFirst() }
            if let number = Int(String(name)), groups.indices.contains(number) {
                result += groups[number] ?? ""
            }
        }
        return result
    }

    /// Evaluates `histogram_quantile` and `histogram_fraction` on classic buckets.
    func histogram(_ call: Call, _ steps: Steps) throws(QueryError) -> [StepSeries] {
        let isQuantile = call.function == .histogramQuantile
        let first = try scalar(call.arguments[0], steps)
        let second = isQuantile ? first : try scalar(call.arguments[1], steps)
        guard let argument = call.arguments.last else { return [] }
        let (bound, name) = (Symbol("le"), Symbol.metricName)
        if isQuantile {
            for q in first where !(q >= 0 && q <= 1) {
                warnQuantile(q, at: call.arguments[0].range)
            }
        }
        var places: [LabelSet: Int] = [:]
        var groups: [(labels: LabelSet, buckets: [(Double, StepSeries)])] = []
        for series in try vector(argument, steps) {
            let written = series.labels[bound]?.text ?? ""
            guard let limit = Double(written == "+Inf" ? "inf" : written) else {
                warn(
                    "bucket label \"le\" is missing or has a malformed value of \"\(written)\""
                        + " for metric name \"\(series.labels.metricName)\"",
                    at: argument.range
                )
                continue
            }
            let key = series.labels.removing(delaysNames ? [bound] : [bound, name])
            let place = places[key, default: groups.count]
            if place == groups.count {
                places[key] = place
                groups.append((key, []))
            }
            groups[place].buckets.append((limit, series))
        }
        var result: [StepSeries] = []
        for group in groups {
            var values = ContiguousArray<Double>.absent(steps.count)
            for step in 0..<steps.count {
                let buckets = group.buckets.filter { !$0.1.values[step].isStalenessMarker }
                    .map { Bucket(bound: $0.0, count: $0.1.values[step]) }
                guard !buckets.isEmpty else { continue }
                var repair = BucketRepair()
                values[step] =
                    isQuantile
                    ? bucketQuantile(first[step], buckets, &repair)
                    : bucketFraction(from: first[step], to: second[step], buckets)
                if repair.isForcedMonotonic {
                    inform(
                        "input to histogram_quantile needed to be fixed for monotonicity (see"
                            + " https://prometheus.io/docs/prometheus/latest/querying/functions/"
                            + "#histogram_quantile) for metric name \"\(group.labels.metricName)\"",
                        at: argument.range
                    )
                }
            }
            result.append(StepSeries(labels: group.labels, values: values))
        }
        return try droppingNames(result.filter { !$0.isEmpty })
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
        guard abs(seconds) < 1e14 else { return .nan }
        let whole = Int(seconds.rounded(.towardZero))
        let days = (whole - (whole % 86_400 + 86_400) % 86_400) / 86_400
        let rest = whole - days * 86_400
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
