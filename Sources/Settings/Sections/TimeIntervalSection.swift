// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CivilTime
internal import ConfigYAML
internal import Notify

extension NamedInterval {
    /// Decodes one entry of `time_intervals`.
    init(_ mapping: MappingReader) {
        let name = mapping.requiredString("name")
        mapping.context = "time interval '\(name)'"
        let context = "a time of interval '\(name)'"
        self.init(
            name: name,
            specs: mapping.mappings("time_intervals", context).map { IntervalSpec($0) }
        )
        mapping.finish()
    }
}

extension IntervalSpec {
    private static let weekdayNames = [
        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    ]
    private static let monthNames = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september",
        "october", "november", "december",
    ]

    /// Decodes one time of an interval.
    ///
    /// Source: Alertmanager, timeinterval: the `UnmarshalYAML` of each part.
    init(_ mapping: MappingReader) {
        self.init()
        for time in mapping.mappings("times", "a range of times") {
            let start = time.required("start_time").flatMap { $0.minuteOfDay() }
            let end = time.required("end_time").flatMap { $0.minuteOfDay() }
            time.finish()
            guard let start, let end else { continue }
            if start < end {
                minutes.append(start..<end)
            } else {
                time.error("'start_time' must be before 'end_time'; split it at midnight")
            }
        }
        weekdays = mapping.list("weekdays").compactMap {
            $0.range(of: 0...6, named: Self.weekdayNames, from: 0)
        }
        months = mapping.list("months").compactMap {
            $0.range(of: 1...12, named: Self.monthNames, from: 1)
        }
        years = mapping.list("years").compactMap { $0.range(of: 0...9_999) }
        daysOfMonth = mapping.list("days_of_month").compactMap { $0.daysOfMonth() }
        if let value = mapping.value("location"), let name = value.string() {
            if let found = Zone(named: name) {
                zone = found
            } else {
                value.error("there is no time zone '\(name)'")
            }
        }
        mapping.finish()
    }
}

extension ValueReader {
    /// The minute of the day of `HH:MM`; 24:00 is 1440.
    fileprivate func minuteOfDay() -> Int? {
        guard let text = string() else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let isShaped = parts.count == 2 && parts.allSatisfy { $0.utf8.count == 2 }
        guard isShaped, let hour = Int(parts[0]), let minute = Int(parts[1]),
            (0...59).contains(minute), (0...23).contains(hour) || (hour == 24 && minute == 0)
        else {
            error("'\(text)' is no time of day such as 09:30")
            return nil
        }
        return hour * 60 + minute
    }

    /// `first:last` or one value, each a number or, counted from `base`, a name.
    fileprivate func range(
        of bounds: ClosedRange<Int>,
        named names: [String] = [],
        from base: Int = 0
    ) -> ClosedRange<Int>? {
        let ends = ends { word in names.firstIndex(of: word).map { $0 + base } ?? Int(word) }
        guard let ends else { return nil }
        guard bounds.contains(ends.first), bounds.contains(ends.last), ends.first <= ends.last
        else {
            error(
                "'\(node.text ?? "")' must go forward within \(bounds.lowerBound) to \(bounds.upperBound)"
            )
            return nil
        }
        return ends.first...ends.last
    }

    /// Days from 1 to 31, or from the end as -1 to -31.
    fileprivate func daysOfMonth() -> (first: Int, last: Int)? {
        guard let (first, last) = ends({ Int($0) }) else { return nil }
        let isBackward = (first < 0) == (last < 0) ? first > last : first < 0
        guard [first, last].allSatisfy({ $0 != 0 && (-31...31).contains($0) }), !isBackward
        else {
            error("days of the month count from 1 to 31, or from the end as -1 to -31, forward")
            return nil
        }
        return (first, last)
    }

    private func ends(_ number: (String) -> Int?) -> (first: Int, last: Int)? {
        guard let text = string() else { return nil }
        let words = text.lowercased().split(separator: ":", omittingEmptySubsequences: false)
        let numbers = words.compactMap { number(String($0)) }
        guard (1...2).contains(words.count), numbers.count == words.count,
            let first = numbers.first,
            let last = numbers.last
        else {
            error("'\(text)' is neither a value nor a range such as 1:5")
            return nil
        }
        return (first, last)
    }
}
