// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Samples
import Templates
import TestSupport
import Testing

struct DamagedTemplateTests {
    private static let text = """
        {{ define "x" }}{{ .Labels.a }}{{ end }}{{ range $i, $e := $labels }}{{ $i }}={{ $e | len \
        | humanize }}{{ else }}none{{ end }}{{ if and (gt $value 1.0) (eq $labels.a "b") }}{{ printf \
        "%.2f %q" $value $labels.a }}{{ end }}{{- with .Value -}}{{ . | humanizeDuration }}{{- end }}
        """
    private static let words = [
        "{{", "}}", "{{-", "-}}", "{{ end }}", "{{ else }}", "{{ template \"x\" . }}", "|", "(",
        ")",
        "$", ":=", "\"", "`", "%", "%*d", "%999999999d", ".", "index", "len", "slice", "range",
        "1e999",
        "-9223372036854775808", "reReplaceAll \"(\"", "é", "\0",
    ]

    @Test func `a damaged template expands, or tells its mistake with a place`() async {
        let data = TemplateValue.object([
            "Labels": .labels([("a", "b")]), "Value": .float(2.5),
            "ExternalLabels": .labels([(name: String, value: String)]()),
            "ExternalURL": .string(""),
        ])
        var expanded = 0
        for bytes in Mutations(of: Self.text, words: Self.words, count: 4_000, seed: 4) {
            let text = String(decoding: bytes, as: UTF8.self)
            do throws(TemplateError) {
                let template = try Template(
                    parsing: text,
                    name: "damaged",
                    variables: Template.ruleVariables
                )
                _ = try await template.expand(data)
                expanded += 1
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
        #expect(expanded > 20)
    }
}
