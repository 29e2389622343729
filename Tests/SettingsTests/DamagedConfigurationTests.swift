// SPDX-License-Identifier: Apache-2.0
// Nightjar
import ConfigYAML
import Rules
import Settings
import SourceText
import TestSupport
import Testing

/// Damaged files: each gives settings or faults with places inside the file, and never a trap.
struct DamagedConfigurationTests {
    private static let words = [
        "\n", "\t", ": ", "- ", "{", "}", "[", "]", "&a ", "*a", "<<: *a", "!!binary ", "|\n", ">-",
        "\"", "'", "#", "?", "%", "---\n", "\u{FEFF}", "\0", "\u{85}", "é", "~", "-1", "1e999",
        "99999999999999999999d", "${HOME}", "${file:/none}", "0x", ".nan",
    ]

    private func mustAnswer(_ bytes: [UInt8], _ read: (SourceFile) -> [Diagnostic]) {
        guard let file = try? sourceFile(named: "damaged.yml", bytes: bytes) else { return }
        let lines =
            1 + file.text.unicodeScalars.count { $0 == "\n" || $0 == "\r" || $0 == "\u{85}" }
        for diagnostic in read(file) {
            #expect(!diagnostic.message.isEmpty)
            guard let position = diagnostic.position else { continue }
            #expect(position.line >= 1 && position.line <= lines + 1, "\(diagnostic.rendered)")
        }
    }

    @Test func `a damaged configuration gives settings or faults`() throws {
        let example = bytesOfFile(repositoryRoot + "/nightjar.example.yml")
        let text = String(decoding: example, as: UTF8.self)
        #expect(text.contains("postgres:"))
        var refused = 0
        for bytes in Mutations(of: text, words: Self.words, count: 2_000, seed: 1) {
            mustAnswer(bytes) { file in
                let configuration = Configuration.decode(file)
                #expect((configuration.settings == nil) == configuration.diagnostics.hasErrors)
                if configuration.settings == nil { refused += 1 }
                return configuration.diagnostics
            }
        }
        #expect(refused > 1_000)
    }

    @Test func `a damaged rule file gives rules or faults`() {
        let pack = bytesOfFile(repositoryRoot + "/rules/pools.rules.yml")
        let text = String(decoding: pack, as: UTF8.self)
        let words = Self.words + ["sum by (", "{{", "}}", "[5m]", "for: 1m", "record: x"]
        var refused = 0
        for bytes in Mutations(of: text, words: words, count: 2_000, seed: 2) {
            mustAnswer(bytes) { file in
                let (rules, diagnostics) = RuleFile.parse(file)
                #expect(rules != nil || diagnostics.hasErrors)
                if rules == nil { refused += 1 }
                return diagnostics
            }
        }
        #expect(refused > 1_000)
    }
}
