// SPDX-License-Identifier: Apache-2.0
// Nightjar
import ConfigYAML
import Secrets
import SourceText
import Testing

private func read(
    _ text: String,
    substitution: Substitution = .none,
    _ body: (MappingReader) -> Void
) -> [String] {
    let document = ConfigDocument(
        SourceFile(name: "a.yml", text: text),
        substitution: substitution
    )
    if let mapping = document.root?.mapping() { body(mapping) }
    return document.diagnostics.map(\.rendered)
}

struct ConfigDocumentTests {
    @Test func `getters give values, and defaults where nothing is written`() {
        let faults = read("a: 5\nb: [x, 2]\nc: 1h30m\nd: yes\ne:\nf: 1.5\ng: 2MB\n") { mapping in
            #expect(mapping.int("a") == 5)
            #expect(mapping.strings("b") == ["x", "2"])
            #expect(mapping.duration("c") == .seconds(5_400))
            #expect(mapping.bool("d") == true)
            #expect(mapping.string("e", default: "none") == "none")
            #expect(mapping.double("f") == 1.5)
            #expect(mapping.byteCount("g") == 2 << 20)
            #expect(mapping.duration("h", default: .seconds(3)) == .seconds(3))
            mapping.finish()
        }
        #expect(faults == [])
    }

    @Test func `every mistake is told with its place, line and caret`() {
        let faults = read("interval: soon\nintervall: 5s\nname: [a]\n") { mapping in
            mapping.context = "collector 'postgres'"
            _ = mapping.duration("interval")
            _ = mapping.string("name")
            mapping.finish()
        }
        #expect(
            faults == [
                """
                a.yml:1:11: error: 'interval' of collector 'postgres' must be a duration such as \
                15s or 1h30m, not 'soon'
                    interval: soon
                              ^
                """,
                """
                a.yml:2:1: error: unknown key 'intervall' in collector 'postgres' \
                (did you mean 'interval'?)
                    intervall: 5s
                    ^
                """,
                """
                a.yml:3:7: error: 'name' of collector 'postgres' must be a string, not a list
                    name: [a]
                          ^
                """,
            ]
        )
    }

    @Test func `duplicate keys and later mistakes are told in one run`() {
        let faults = read("a: 1\na: 2\nb: x\n") { mapping in
            _ = mapping.int("a")
            _ = mapping.int("b")
            mapping.finish()
        }
        #expect(faults.count == 2)
        #expect(faults[0].hasPrefix("a.yml:2:1: error: key 'a' is already defined at 1:1"))
        #expect(faults[1].hasPrefix("a.yml:3:4: error: 'b' of the document must be a whole number"))
    }

    @Test(arguments: [
        "a: [1", "a: b: c", "a: *x", "- a\nb: c", "a: \"\\q\"", "a: &x [*x]", "\ta: 1",
    ])
    func `broken syntax is an error with a place and never a crash`(text: String) {
        let document = ConfigDocument(SourceFile(name: "a.yml", text: text))
        #expect(document.diagnostics.hasErrors)
        #expect(document.diagnostics[0].position != nil)
    }

    @Test func `a billion laughs is refused`() {
        var text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        for level in 1...9 {
            let items = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        let document = ConfigDocument(SourceFile(name: "a.yml", text: text))
        #expect(document.diagnostics.map(\.message) == ["too many nodes"])
    }

    @Test func `merge keys fill in what is not written`() {
        let text = "base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n"
        let faults = read(text) { mapping in
            let use = mapping.mapping("use")
            #expect(use?.int("x") == 1)
            #expect(use?.int("y") == 3)
            use?.finish()
        }
        #expect(faults == [])
    }

    @Test func `a byte of a scalar is found in the file, whatever its style`() {
        let texts = [
            "e: sum(foo) bar": SourcePosition(line: 1, column: 13),
            "e: 'sum(foo) bar'": SourcePosition(line: 1, column: 14),
            "e: \"sum\\x28foo) bar\"": SourcePosition(line: 1, column: 17),
            "e: |\n  sum(foo)\n  bar": SourcePosition(line: 3, column: 3),
            "e: >-\n    sum(foo)\n    bar": SourcePosition(line: 3, column: 5),
            "e: &x sum(foo)\n   bar": SourcePosition(line: 2, column: 4),
        ]
        for (text, place) in texts {
            _ = read(text) { mapping in
                #expect(mapping.value("e")?.position(ofUTF8Offset: 9) == place, "\(text)")
            }
        }
    }

    @Test func `variables and files are replaced, groups of expressions are not`() {
        let substitution = Substitution(
            variable: { $0 == "HOST" ? "db" : nil },
            file: { path throws(Substitution.Failure) in
                guard path == "/p" else { throw Substitution.Failure("read \(path): not there") }
                return "s3cret\n"
            }
        )
        let text =
            "a: x-${HOST}-y\nb: ${file:/p}\nc: '${1}$2 $${HOST}'\nd: q ${NONE}\ne: ${file:/n}"
        let faults = read(text, substitution: substitution) { mapping in
            #expect(mapping.string("a") == "x-db-y")
            #expect(mapping.secret("b")?.reveal() == "s3cret")
            #expect(mapping.string("c") == "${1}$2 ${HOST}")
            #expect(mapping.string("d") == nil)
            #expect(mapping.string("e") == nil)
        }
        #expect(faults.count == 2)
        #expect(faults[0].hasPrefix("a.yml:4:6: error: the environment variable 'NONE' is not set"))
        #expect(faults[1].hasPrefix("a.yml:5:4: error: read /n: not there"))
    }

    @Test func `bytes that are not UTF-8 are refused at their place`() {
        #expect {
            try sourceFile(named: "a.yml", bytes: Array("a: 1\nb: ".utf8) + [0xFF])
        } throws: { error in
            (error as? Diagnostic)?.position == SourcePosition(line: 2, column: 4)
        }
    }

    @Test(arguments: [
        ("0", 0), ("15s", 15_000), ("1h30m", 5_400_000), ("1d", 86_400_000), ("100ms", 100),
        ("1y2w", 32_745_600_000),
    ])
    func `durations are read in Prometheus' syntax`(text: String, milliseconds: Int64) {
        #expect(configDuration(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "1", "s", "1x", "30m1h", "1m1m", "-1s", "1.5s", "99999999999y"])
    func `what is no duration is refused`(text: String) {
        #expect(configDuration(text) == nil)
    }
}
