// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLSyntax
import Samples
import Testing

@Suite struct SeriesDescriptionTests {
    private static let rows: [(text: String, values: String)] = [
        ("1 2 3", "1.0 2.0 3.0"),
        ("_ 1 _x2", "_ 1.0 _ _"),
        ("0+10x2", "0.0 10.0 20.0"),
        ("5-1x2 7", "5.0 4.0 3.0 7.0"),
        ("4x2", "4.0 4.0 4.0"),
        ("-1+2x1", "-1.0 1.0"),
        ("0x1", "0.0 0.0"),
        ("1e3 .5 2. 1e-1+1e-1x1", "1000.0 0.5 2.0 0.1 0.2"),
        ("Inf -inf +Inf", "inf -inf inf"),
        ("", ""),
    ]

    @Test(arguments: rows) func `rows of values are spelt out`(_ row: (String, String)) throws {
        let found = try SeriesDescription.values(parsing: row.0).map { value in
            guard case .number(let number) = value else { return "_" }
            return "\(number)"
        }
        #expect(found.joined(separator: " ") == row.1)
    }

    @Test func `markers, NaN and histograms are told apart`() throws {
        let found = try SeriesDescription.values(
            parsing: "stale NaN {{schema:0 sum:1 count:1}} {{sum:1}}+{{sum:2}}x2"
        )
        #expect(found.count == 6)
        guard case .number(let first) = found[0], case .number(let second) = found[1] else {
            Issue.record("\(found)")
            return
        }
        #expect(first.isStalenessMarker)
        #expect(second.isNaN && !second.isStalenessMarker)
        #expect(found[2...] == [.histogram, .histogram, .histogram, .histogram])
    }

    @Test(arguments: [
        "1,2", "x", "1x", "1x-1", "1+x2", "abc", "1 2y", "--1", "1x99999999999", "_x99999999999",
        "1 0+1x9223372036854775807", "{{sum:1}}x-2", "{{sum:1}}x99999999999",
    ])
    func `what is no value is refused`(_ text: String) {
        #expect(throws: ParseError.self) { try SeriesDescription.values(parsing: text) }
    }

    @Test func `labels are taken as a selector writes them`() throws {
        let plain = try SeriesDescription(parsing: #"up{job="a b", x='}'} 1"#)
        #expect(plain.labels == ["__name__": "up", "job": "a b", "x": "}"])
        #expect(try SeriesDescription(parsing: "{} 1").labels.isEmpty)
        let quoted = try SeriesDescription(parsing: #"{"my.name", "a.b"="c"} 1"#)
        #expect(quoted.labels == ["__name__": "my.name", "a.b": "c"])
        #expect(throws: ParseError.self) { try SeriesDescription(parsing: #"up{a!="b"} 1"#) }
        #expect(throws: ParseError.self) { try SeriesDescription(parsing: #"up{a="b" 1"#) }
    }
}
