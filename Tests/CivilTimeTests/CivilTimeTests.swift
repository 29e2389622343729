// SPDX-License-Identifier: Apache-2.0
// Nightjar
import CivilTime
import Testing

@Suite struct RFC3339Tests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"),
        (1_767_323_045_670, "2026-01-02T03:04:05.67Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00Z"),
        (253_402_300_799_000, "9999-12-31T23:59:59Z"),
    ])
    func `a moment is written and read back`(moment: Int64, text: String) {
        #expect(rfc3339(milliseconds: moment) == text)
        #expect(milliseconds(rfc3339: text) == moment)
    }

    @Test func `offsets, small letters and long fractions are read`() {
        #expect(milliseconds(rfc3339: "1970-01-01T02:00:00+02:00") == 0)
        #expect(milliseconds(rfc3339: "1969-12-31T20:00:00.0019999-04:00") == 1)
        #expect(milliseconds(rfc3339: "1970-01-01t00:00:00z") == 0)
    }

    @Test(arguments: [
        "", "2026", "2026-01-02", "2026-01-02T03:04:05", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-01-02T24:00:00Z", "2026-01-02T03:04:60Z",
        "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+2:00", "2026-01-02T03:04:05Z ",
        "26-01-02T03:04:05Z", "2026-01-00T00:00:00Z", "2026-01-02 03:04:05Z",
    ])
    func `what is not a moment is refused`(text: String) {
        #expect(milliseconds(rfc3339: text) == nil)
    }

    @Test func `every beginning of a moment is refused`() {
        let text = "2026-01-02T03:04:05.678+01:30"
        for length in 0..<text.count {
            #expect(milliseconds(rfc3339: String(text.prefix(length))) == nil)
        }
    }

    @Test func `a moment is shown by the clocks of a zone`() throws {
        let berlin = try #require(Zone(named: "Europe/Berlin"))
        #expect(rfc3339(milliseconds: 1_782_864_000_000, in: berlin) == "2026-07-01T02:00:00+02:00")
    }
}

@Suite struct ZoneTests {
    @Test func `an unknown zone is nil, and the empty name is UTC`() {
        #expect(Zone(named: "Europe/Atlantis") == nil)
        #expect(Zone(named: "")?.civil(atMilliseconds: 0).hour == 0)
    }

    @Test func `the change of the hour is known`() throws {
        let berlin = try #require(Zone(named: "Europe/Berlin"))
        let before = berlin.civil(atMilliseconds: 1_774_745_999_000)
        let after = berlin.civil(atMilliseconds: 1_774_746_000_000)
        #expect((before.hour, before.abbreviation, before.isSummerTime) == (1, "CET", false))
        #expect((after.hour, after.abbreviation, after.isSummerTime) == (3, "CEST", true))
        #expect(after.weekday == 0)
        // The hour from two to three does not exist on that night.
        let jump = berlin.milliseconds(year: 2_026, month: 3, day: 29, hour: 2, minute: 30)
        #expect(jump == 1_774_746_000_000)
    }

    @Test func `days of months and of years are counted`() {
        #expect(daysInMonth(2, ofYear: 2_000) == 29)
        #expect(daysInMonth(2, ofYear: 1_900) == 28)
        #expect(daysInMonth(2, ofYear: 2_024) == 29)
        #expect(daysInMonth(9, ofYear: 2_026) == 30)
        #expect(Zone.utc.civil(atMilliseconds: 1_798_675_200_000).dayOfYear == 365)
    }
}

@Suite struct GoLayoutTests {
    /// 2026-01-02T03:04:05.670Z, a Friday.
    let moment: Int64 = 1_767_323_045_670

    @Test(arguments: [
        ("2006-01-02T15:04:05Z07:00", "2026-01-02T03:04:05Z"),
        ("Mon Jan _2 15:04:05 2006", "Fri Jan  2 03:04:05 2026"),
        ("Monday, 02-Jan-06 15:04:05 MST", "Friday, 02-Jan-26 03:04:05 UTC"),
        ("3:04PM", "3:04AM"), ("03:04 pm", "03:04 am"), ("January 2, 2006", "January 2, 2026"),
        ("15:04:05.000", "03:04:05.670"), ("15:04:05.999999", "03:04:05.67"),
        ("002 __2", "002   2"), ("-0700 -07:00 -07 Z0700", "+0000 +00:00 +00 Z"),
        ("Month", "Month"), ("1/2/06", "1/2/26"), ("", ""),
    ])
    func `a layout is an example`(layout: String, text: String) {
        #expect(formatted(milliseconds: moment, layout: layout) == text)
    }

    @Test func `noon and midnight are twelve`() {
        #expect(formatted(milliseconds: 0, layout: "3PM") == "12AM")
        #expect(formatted(milliseconds: 43_200_000, layout: "3PM") == "12PM")
    }
}
