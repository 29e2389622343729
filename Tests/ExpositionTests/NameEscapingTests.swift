// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Exposition
import Samples
import Testing

/// Names that are not plain, as readers ask for them.
@Suite struct NameEscapingTests {
    /// A name, and how it is written with underscores, with dots and with values.
    private static let names = [
        (
            "no:escaping_required", "no:escaping_required", "no:escaping__required",
            "no:escaping_required"
        ),
        ("http.status:sum", "http_status:sum", "http_dot_status:sum", "U__http_2e_status:sum"),
        (
            "system.load_total", "system_load_total", "system_dot_load__total",
            "U__system_2e_load__total"
        ),
        ("label with 😱", "label_with__", "label__with____", "U__label_20_with_20__1f631_"),
        ("花火", "__", "____", "U___82b1__706b_"), ("1a", "_a", "__a", "U___31_a"),
    ]

    private func page(_ family: MetricFamily, _ escaping: NameEscaping) -> String {
        var writer = ExpositionWriter(format: .text, escaping: escaping)
        return String(decoding: writer.page([family]), as: UTF8.self)
    }

    @Test(arguments: names)
    func `a name is written as is asked for`(
        _ name: String,
        _ underscores: String,
        _ dots: String,
        _ values: String
    ) {
        var family = MetricFamily(name: name, kind: .gauge, help: "")
        family.add(1)
        for (escaping, written) in [
            (NameEscaping.underscores, underscores), (.dots, dots), (.values, values),
        ] {
            #expect(page(family, escaping) == "# TYPE \(written) gauge\n\(written) 1\n")
        }
    }

    @Test func `names that need it stand in quotes`() {
        var family = MetricFamily(name: #"a."b\"#, kind: .gauge, help: "Helps.")
        family.add(1)
        family.add(2, ["x.y": "z", "plain": "p"])
        #expect(
            page(family, .utf8) == #"""
                # HELP "a.\"b\\" Helps.
                # TYPE "a.\"b\\" gauge
                {"a.\"b\\"} 1
                {"a.\"b\\",plain="p","x.y"="z"} 2

                """#
        )
        var plain = MetricFamily(name: "plain", kind: .gauge, help: "")
        plain.add(1, ["x:y": "z"])
        #expect(page(plain, .utf8) == "# TYPE plain gauge\nplain{\"x:y\"=\"z\"} 1\n")
    }

    @Test(arguments: [
        (NameEscaping.underscores, "a_b"), (.dots, "a_dot_b"), (.values, "U__a_2e_b"),
    ])
    func `samples begin with their family's name`(_ escaping: NameEscaping, _ name: String) {
        var family = MetricFamily(name: "a.b", kind: .histogram, help: "")
        for (ending, labels) in [("_bucket", ["le": "+Inf"]), ("_sum", [:]), ("_count", [:])] {
            family.samples.append(
                SeriesSample(
                    labels: LabelSet(
                        [("__name__", "a.b" + ending)] + labels.map { ($0.key, $0.value) }
                    ),
                    value: 1
                )
            )
        }
        #expect(
            page(family, escaping) == """
                # TYPE \(name) histogram
                \(name)_bucket{le="+Inf"} 1
                \(name)_sum 1
                \(name)_count 1

                """
        )
    }

    @Test func `a page with names in quotes is read back as it was`() {
        var numbers = SeededNumbers(state: 11)
        let parts = ["a", "_", ".", "é", "\"", "\\", "\n", " ", "{", "}", "#", "=", ",", "😱", "0"]
        for _ in 0..<500 {
            func name() -> String {
                (0...Int.random(in: 0..<4, using: &numbers)).map { _ in
                    parts.randomElement(using: &numbers) ?? ""
                }.joined()
            }
            var family = MetricFamily(name: name(), kind: .gauge, help: "Helps.")
            family.add(1, ["x" + name(): name()])
            for format in ExpositionFormat.allCases {
                var writer = ExpositionWriter(format: format, escaping: .utf8)
                var reader = ExpositionReader()
                let read = reader.read(writer.page([family]), format: format)
                #expect(read.faultCount == 0, "\(family.name.debugDescription)")
                #expect(read.families.map(\.name) == [family.name])
                #expect(read.families.first?.kind == .gauge)
                #expect(read.families.first?.samples.map(\.labels) == family.samples.map(\.labels))
            }
        }
    }

    @Test(arguments: [
        (String?.none, "text/plain; version=0.0.4; charset=utf-8", NameEscaping.underscores),
        (
            "text/plain;version=1.0.0;escaping=allow-utf-8",
            "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8", .utf8
        ),
        (
            "text/plain;version=0.0.4;escaping=dots",
            "text/plain; version=0.0.4; charset=utf-8; escaping=dots", .dots
        ),
        (
            "application/openmetrics-text; version=1.0.0; escaping=\"values\"; q=0.5",
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values", .values
        ),
        (
            "text/plain;version=1.0.0;escaping=unheard-of",
            "text/plain; version=1.0.0; charset=utf-8", .underscores
        ),
        (
            "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;q=0.3",
            "application/openmetrics-text; version=0.0.1; charset=utf-8", .underscores
        ),
        (
            "application/openmetrics-text;escaping=dots;q=0,text/plain",
            "text/plain; version=0.0.4; charset=utf-8", .underscores
        ),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                + "encoding=delimited;escaping=allow-utf-8;q=0.7,text/plain;version=1.0.0;q=0.2",
            "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8", .utf8
        ),
        (
            ExpositionFormat.accepted,
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
            .utf8
        ),
        ("text/plain;version=9.9", "text/plain; version=0.0.4; charset=utf-8", .underscores),
        (";;,q=1,=", "text/plain; version=0.0.4; charset=utf-8", .underscores),
    ])
    func `the answer says what was agreed on`(
        _ accept: String?,
        _ contentType: String,
        _ escaping: NameEscaping
    ) {
        let request = ExpositionRequest(accept: accept)
        #expect(request.contentType == contentType)
        #expect(request.escaping == escaping)
    }
}
