// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Templates
import Testing

private let data = TemplateValue.object([
    "Labels": .strings(["job": "api", "instance": "db:5432"]), "Value": .float(0.925),
    "ExternalLabels": .strings(["cluster": "c1"]), "ExternalURL": .string("http://n/x"),
])

private func expand(_ text: String) async throws -> String {
    let functions = TemplateFunctions(
        now: Timestamp(milliseconds: 1_000_000),
        externalURL: "http://n/x/",
        query: { text throws(TemplateFailure) in
            guard text == "m" else { throw TemplateFailure("no such query") }
            return [
                TemplateFunctions.sample(labels: ["first_id": "102"], value: 2),
                TemplateFunctions.sample(labels: ["first_id": "101"], value: 1),
            ]
        }
    )
    let template = try Template(
        parsing: text,
        name: "t",
        variables: Template.ruleVariables
    )
    return try await template.expand(data, functions: functions)
}

struct TemplateTests {
    @Test(arguments: [
        ("plain", "plain"),
        ("{{ $labels.job }} {{ $value }} {{ .Labels.none }}|", "api 0.925 |"),
        ("{{ $externalLabels.cluster }} {{ $externalURL }}", "c1 http://n/x"),
        ("{{ $labels }}", "map[instance:db:5432 job:api]"),
        ("a {{- /* note */ -}} b", "ab"),
        ("a {{- 1 -}} b", "a1b"),
        ("{{ if gt $value 0.9 }}high{{ else if gt $value 0.5 }}mid{{ else }}low{{ end }}", "high"),
        ("{{ if and true (eq .Labels.job \"api\" \"web\") }}y{{ end }}", "y"),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
        ("{{ range $k, $v := $labels }}{{ $k }}={{ $v }};{{ end }}", "instance=db:5432;job=api;"),
        (
            "{{ range query \"m\" | sortByLabel \"first_id\" }}{{ .Labels.first_id }}:{{ . | value }},{{ end }}",
            "101:1,102:2,"
        ),
        ("{{ range list }}x{{ else }}none{{ end }}", "none"),
        ("{{ with .Labels.none }}x{{ else }}y{{ end }}", "y"),
        ("{{ define \"a\" }}<{{ .arg0 }}>{{ end }}{{ template \"a\" (args \"q\") }}", "<q>"),
        ("{{ range list 1 2 3 }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ . }}{{ end }}", "13"),
        (
            "{{ printf \"%.2f|%5d|%-4s|%q|%v|%03d\" 1.005 42 \"a\" \"b\" $value 7 }}",
            "1.00|   42|a   |\"b\"|0.925|007"
        ),
        ("{{ printf \"%d\" \"x\" }} {{ printf \"%s\" }}", "%!d(string=x) %!s(MISSING)"),
        ("{{ 1048576 | humanize }} {{ 1048576 | humanize1024 }}", "1.049M 1Mi"),
        ("{{ 135 | humanizeDuration }} {{ 0.1 | humanizeDuration }}", "2m 15s 100ms"),
        ("{{ 0.959 | humanizePercentage }}", "95.9%"),
        ("{{ 1643114203 | humanizeTimestamp }}", "2022-01-25 12:36:43 +0000 UTC"),
        ("{{ humanize 0.0000123 }} {{ humanize 0 }} {{ 1234567.0 }}", "12.3u 0 1.234567e+06"),
        ("{{ \"this part\" | title }} {{ toUpper \"is\" }}", "This Part IS"),
        ("{{ stripPort \"[::1]:80\" }} {{ stripPort $labels.instance }}", "::1 db"),
        ("{{ stripDomain \"a.b.c:80\" }}", "a:80"),
        ("{{ parseDuration \"2h10m15s\" }}", "7815"),
        (
            "{{ match \"a.b\" \"xaxb\" }} {{ reReplaceAll \"(a)(b)\" \"$2$1\" \"abxab\" }}",
            "true baxba"
        ),
        ("{{ reReplaceAll \"^a\" \"\" \"aab\" }}", "ab"),
        ("{{ len \"abc\" }} {{ index (list 1 2) 1 }} {{ slice \"abcd\" 1 3 }}", "3 2 bc"),
        ("{{ pathPrefix }} {{ externalURL }}", "/x http://n/x/"),
        (
            "{{ join \",\" (stringSlice \"a\" \"b\") }} {{ $labels.SortedPairs.Values.Join \"+\" }}",
            "a,b db:5432+api"
        ),
        ("{{ (dict \"a\" 1) | toJson }} {{ base64encode \"hi?\" }}", "{\"a\":1} aGk_"),
        ("{{ (1643114203 | toTime).Format \"2006-01-02\" }}", "2022-01-25"),
        ("{{ html \"<a>\" }} {{ urlquery \"a b\" }}", "&lt;a&gt; a+b"),
    ])
    func `it expands as Go and Prometheus do`(text: String, result: String) async throws {
        #expect(try await expand(text) == result)
    }

    @Test(arguments: [
        ("{{ $nope }}", "1:4: undefined variable \"$nope\""),
        ("a\n{{ nope 1 }}", "2:4: function \"nope\" not defined"),
        ("{{ if true }}", "1:14: unexpected EOF"),
        ("{{ 1 ", "1:1: unclosed action"),
        ("{{ end }}", "1:1: unexpected {{end}}"),
        ("{{ \"x }}", "1:4: unterminated quoted string"),
        ("{{ (1 }}", "1:5: unclosed left paren"),
        ("{{ }}", "1:4: missing value for command"),
        ("{{ break }}", "1:1: {{break}} outside {{range}}"),
    ])
    func `a mistake is told with its place`(text: String, message: String) {
        #expect {
            try Template(parsing: text, name: "t")
        } throws: { error in
            "\(error)" == message
        }
    }

    @Test(arguments: [
        "{{ .Nope }}", "{{ template \"x\" }}", "{{ query \"z\" }}", "{{ first (list) }}",
        "{{ index (list 1) 5 }}", "{{ humanize \"x\" }}", "{{ lt 1 \"a\" }}",
        "{{ reReplaceAll \"(\" \"\" \"\" }}",
        "{{ define \"r\" }}{{ template \"r\" }}{{ end }}{{ template \"r\" }}",
        "{{ range 100000 }}{{ range 1000 }}x{{ end }}{{ end }}",
    ])
    func `what cannot be done, or takes too much, fails`(text: String) async {
        await #expect(throws: TemplateError.self) { try await expand(text) }
    }

    @Test func `no beginning of a template crashes the parser`() {
        let text =
            "{{ if eq $value 1.5 }}{{ range $i, $e := list \"a\" 'b' }}{{ $e | printf \"%q\" }}{{ end }}{{ end }}"
        var failures = 0
        for end in text.indices {
            do {
                _ = try Template(
                    parsing: String(text[..<end]),
                    name: "t",
                    variables: Template.ruleVariables
                )
            } catch {
                failures += 1
            }
        }
        #expect(failures > 80)
    }

    @Test func `in HTML actions are escaped and markup is not`() async throws {
        let template = try Template(parsing: "{{ .a }}{{ safeHtml \"<b>\" }}", name: "t")
        let functions = TemplateFunctions(escapesHTML: true)
        let text = try await template.expand(.object(["a": .string("<i>")]), functions: functions)
        #expect(text == "&lt;i&gt;<b>")
    }
}
