// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import CCCTZ

/// A date and a time of day as a clock on the wall shows them.
public struct CivilDateTime: Sendable, Hashable {
    /// The year, in the Gregorian calendar.
    public var year: Int
    /// The month, from 1.
    public var month: Int
    /// The day of the month, from 1.
    public var day: Int
    /// The hour, 0 to 23.
    public var hour: Int
    /// The minute, 0 to 59.
    public var minute: Int
    /// The second, 0 to 59.
    public var second: Int
    /// The fraction of the second in milliseconds, 0 to 999.
    public var millisecond: Int
    /// The day of the week; 0 is Sunday.
    public var weekday: Int
    /// Seconds east of UTC.
    public var offsetSeconds: Int
    /// Whether summer time is in force.
    public var isSummerTime: Bool
    /// The zone's short name at that moment, as `CEST`.
    public var abbreviation: String

    /// The day of the year, from 1.
    public var dayOfYear: Int {
        (1..<month).reduce(day) { $0 + daysInMonth($1, ofYear: year) }
    }
}

/// The number of days of a month of the Gregorian calendar.
public func daysInMonth(_ month: Int, ofYear year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
}

/// A time zone of the system's database (package tzdata).
///
/// `@unchecked Sendable`: a `cctz::time_zone` never changes after it was loaded, and its look-ups
/// are documented as safe from many threads.
@safe public final class Zone: @unchecked Sendable {
    /// The name it was loaded by.
    public let name: String
    private let handle: OpaquePointer

    /// Coordinated universal time; it needs no database.
    public static let utc: Zone = {
        guard let zone = Zone(named: "UTC") else {
            preconditionFailure("the C library of time zones always knows UTC")
        }
        return zone
    }()

    /// The machine's own zone: `TZ`, else `/etc/localtime`, else UTC.
    public static let local: Zone = Zone(named: "localtime") ?? utc

    /// Loads a zone by its IANA name; nil where the database does not know it.
    ///
    /// Source: `cctz::load_time_zone`; as in Go, `Local` is the machine's zone and the empty name
    /// is UTC.
    public init?(named name: String) {
        let known = name == "Local" ? "localtime" : name.isEmpty ? "UTC" : name
        guard let zone = unsafe nj_zone_load(known) else { return nil }
        self.name = name
        unsafe handle = zone
    }

    deinit { unsafe nj_zone_free(handle) }

    /// What the clocks of the zone show at a moment in milliseconds since the Unix epoch.
    public func civil(atMilliseconds milliseconds: Int64) -> CivilDateTime {
        let fraction = ((milliseconds % 1_000) + 1_000) % 1_000
        var shown = nj_civil()
        unsafe nj_zone_lookup(handle, (milliseconds - fraction) / 1_000, &shown)
        let letters = unsafe withUnsafeBytes(of: shown.abbreviation) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return CivilDateTime(
            year: Int(shown.year),
            month: Int(shown.month),
            day: Int(shown.day),
            hour: Int(shown.hour),
            minute: Int(shown.minute),
            second: Int(shown.second),
            millisecond: Int(fraction),
            weekday: Int(shown.weekday),
            offsetSeconds: Int(shown.offset),
            isSummerTime: shown.dst,
            abbreviation: letters
        )
    }

    /// The moment at which the clocks of the zone show this, in milliseconds since the Unix epoch.
    ///
    /// Of an hour that comes twice it is the first, of one that is skipped the moment of the jump.
    /// Values out of range carry over: the 32nd of January is the 1st of February.
    public func milliseconds(
        year: Int,
        month: Int = 1,
        day: Int = 1,
        hour: Int = 0,
        minute: Int = 0,
        second: Int = 0
    ) -> Int64 {
        unsafe nj_zone_instant(
            handle,
            Int64(year),
            Int32(truncatingIfNeeded: month),
            Int32(truncatingIfNeeded: day),
            Int32(truncatingIfNeeded: hour),
            Int32(truncatingIfNeeded: minute),
            Int32(truncatingIfNeeded: second)
        ) * 1_000
    }
}
