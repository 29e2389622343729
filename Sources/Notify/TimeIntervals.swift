// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import CivilTime
public import Samples

/// A named list of times, of which any counts.
public struct NamedInterval: Sendable {
    /// The name that routes use.
    public var name: String
    /// The times.
    public var specs: [IntervalSpec]

    /// Names a list of times.
    public init(name: String, specs: [IntervalSpec]) {
        self.name = name
        self.specs = specs
    }

    /// Whether a moment lies inside.
    public func contains(_ time: Timestamp) -> Bool { specs.contains { $0.contains(time) } }
}

/// Times of days, by the clocks of a zone; a part that is empty is fulfilled always.
///
/// Source: Alertmanager, timeinterval: `TimeInterval.ContainsTime`.
public struct IntervalSpec: Sendable {
    /// Minutes of the day, each range without its end; 24:00 is 1440.
    public var minutes: [Range<Int>]
    /// Days of the week; 0 is Sunday.
    public var weekdays: [ClosedRange<Int>]
    /// Days of the month: first and last, from 1, or counted back from the end as -1.
    public var daysOfMonth: [(first: Int, last: Int)]
    /// Months, from 1.
    public var months: [ClosedRange<Int>]
    /// Years.
    public var years: [ClosedRange<Int>]
    /// Whose clocks count.
    public var zone: Zone

    /// Makes a time; without any part it is always.
    public init(
        minutes: [Range<Int>] = [],
        weekdays: [ClosedRange<Int>] = [],
        daysOfMonth: [(first: Int, last: Int)] = [],
        months: [ClosedRange<Int>] = [],
        years: [ClosedRange<Int>] = [],
        zone: Zone = .utc
    ) {
        self.minutes = minutes
        self.weekdays = weekdays
        self.daysOfMonth = daysOfMonth
        self.months = months
        self.years = years
        self.zone = zone
    }

    /// Whether a moment lies inside all the parts.
    public func contains(_ time: Timestamp) -> Bool {
        let shown = zone.civil(atMilliseconds: time.milliseconds)
        let minute = shown.hour * 60 + shown.minute
        return (minutes.isEmpty || minutes.contains { $0.contains(minute) })
            && (weekdays.isEmpty || weekdays.contains { $0.contains(shown.weekday) })
            && (months.isEmpty || months.contains { $0.contains(shown.month) })
            && (years.isEmpty || years.contains { $0.contains(shown.year) })
            && (daysOfMonth.isEmpty || daysOfMonth.contains { isDay(shown, in: $0) })
    }

    /// Days from the end are clamped to the month: -31 in February is the first.
    private func isDay(_ shown: CivilDateTime, in range: (first: Int, last: Int)) -> Bool {
        let length = daysInMonth(shown.month, ofYear: shown.year)
        func day(_ number: Int) -> Int { number < 0 ? length + number + 1 : number }
        let first = max(day(range.first), 1)
        let last = min(day(range.last), length)
        return first <= shown.day && shown.day <= last
    }
}
