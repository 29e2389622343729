// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Arguments
import Testing

@Suite struct ArgumentsTests {
    private let program = Command(
        "nightjar",
        summary: "Watches.",
        subcommands: [
            Command(
                "run",
                summary: "The daemon.",
                options: [
                    .init("config", short: "c", .value(placeholder: "file"), help: "Settings."),
                    .init("data", .value(placeholder: "dir", standard: "data"), help: "Data."),
                    .init("quiet", .flag, help: "Say less."),
                ]
            ),
            Command(
                "check",
                summary: "Validates.",
                positional: .init("file", 1...9, help: "What.")
            ),
        ],
        version: "1.2.3",
        nearest: { word, names in names.first { $0.first == word.first && $0.hasSuffix("g") } }
    )

    @Test func `the version is told wherever it is asked`() {
        for words in [["--version"], ["run", "--version"]] {
            let refusal = #expect(throws: Refusal.self) { try program.parse(words) }
            #expect(refusal == .help("nightjar 1.2.3"))
        }
    }

    @Test func `options are read in both forms, defaults filled in`() throws {
        let arguments = try program.parse(["run", "--config=a.yml", "--quiet"])
        #expect(arguments.path == ["run"])
        #expect(arguments["config"] == "a.yml")
        #expect(arguments["data"] == "data")
        #expect(arguments.flags == ["quiet"])
        #expect(try program.parse(["run", "-c", "b.yml"])["config"] == "b.yml")
    }

    @Test func `an argument behind two dashes is no option`() throws {
        #expect(try program.parse(["check", "--", "--x"]).positional == ["--x"])
    }

    @Test(arguments: [
        (["run", "--confg=a"], "unknown option '--confg', did you mean '--config'?"),
        (["rnu"], "unknown command 'rnu'"),
        (["run", "--config"], "expected a value for '--config'"),
        (["run", "--config=a", "--config=b"], "'--config' given twice"),
        (["run", "--quiet=1"], "'--quiet' takes no value"),
        (["check"], "missing <file>"),
        (["run", "x"], "unexpected argument 'x'"),
        ([], "expected one of: run, check"),
    ])
    func `a mistake is told with what would be right`(words: [String], expected: String) {
        let refusal = #expect(throws: Refusal.self) { try program.parse(words) }
        guard case .usage(let message)? = refusal else {
            Issue.record("no usage error: \(String(describing: refusal))")
            return
        }
        #expect(message.contains(expected))
    }

    @Test func `help shows every option and default`() {
        let refusal = #expect(throws: Refusal.self) { try program.parse(["run", "--help"]) }
        guard case .help(let text)? = refusal else {
            Issue.record("no help: \(String(describing: refusal))")
            return
        }
        #expect(text.contains("-c, --config=<file>"))
        #expect(text.contains("(default: data)"))
    }
}
