// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Arguments
import TestSupport
import Testing

/// Any words may stand on a command line: they are understood or refused, with a line that says why.
@Suite struct DamagedCommandLineTests {
    private static let words = [
        "run", "check", "query", "instant", "--config", "--config=", "-c", "--", "-", "--help", "=",
        "--quiet", "--data=x=y", "\u{0}", "é", "--confi\u{301}g", "-cc", "---", "--=",
    ]

    private let program = Command(
        "nightjar",
        summary: "Watches.",
        subcommands: [
            Command(
                "run",
                summary: "The daemon.",
                options: [
                    .init("config", short: "c", .value(placeholder: "file"), help: "Settings."),
                    .init("label", .repeated(placeholder: "name=value"), help: "Labels."),
                    .init("quiet", .flag, help: "Say less."),
                ]
            ),
            Command(
                "query",
                summary: "Asks.",
                subcommands: [
                    Command(
                        "instant",
                        summary: "Now.",
                        positional: .init("expression", 1...3, help: "What.")
                    )
                ]
            ),
        ],
        nearest: { word, names in names.first { $0.first == word.first } }
    )

    @Test func `damaged words are understood or refused with a reason`() {
        let text = "run --config a.yml --label x=1 --quiet"
        var understood = 0
        var refused = 0
        for bytes in Mutations(of: text, words: Self.words, count: 20_000, seed: 4) {
            let words = String(decoding: bytes, as: UTF8.self).split(separator: " ").map(
                String.init
            )
            do throws(Refusal) {
                let arguments = try program.parse(words)
                understood += 1
                #expect(arguments.path.first == words.first)
            } catch {
                refused += 1
                switch error {
                case .help(let text), .usage(let text): #expect(!text.isEmpty)
                }
            }
        }
        #expect(understood > 10)
        #expect(refused > 10)
    }

    @Test func `what stands behind two dashes comes through as it is`() throws {
        for bytes in Mutations(of: "--a \"b\" -", words: Self.words, count: 2_000, seed: 6) {
            let word = String(decoding: bytes, as: UTF8.self)
            #expect(try program.parse(["query", "instant", "--", word]).positional == [word])
        }
    }
}
