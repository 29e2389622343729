// SPDX-License-Identifier: Apache-2.0
// Nightjar
import SourceText
import Testing

@Suite struct DiagnosticTests {
    @Test func `a diagnostic shows its line and a caret under the column`() {
        let file = SourceFile(name: "a.yml", text: "one: 1\n\ttwo: x\n")
        let position = SourcePosition(line: 2, column: 7)
        let fault = Diagnostic(in: file, at: position, "not a number")
        #expect(fault.rendered == "a.yml:2:7: error: not a number\n    \ttwo: x\n    \t     ^")
    }

    @Test func `a fault of the whole file has no line`() {
        let file = SourceFile(name: "a.yml", text: "")
        #expect(Diagnostic(in: file, at: nil, "gone").rendered == "a.yml: error: gone")
    }

    @Test func `diagnostics come in reading order`() {
        let file = SourceFile(name: "a", text: "x\ny\n")
        let late = Diagnostic(in: file, at: SourcePosition(line: 2, column: 1), "late")
        let early = Diagnostic(in: file, at: SourcePosition(line: 1, column: 1), "early")
        #expect([late, early].inReadingOrder.map(\.message) == ["early", "late"])
    }

    @Test(arguments: [("intervall", "interval"), ("dns", nil), ("tiemout", "timeout")])
    func `the nearest name is told only when it is near`(word: String, expected: String?) {
        #expect(nearestName(to: word, in: ["interval", "timeout", "name"]) == expected)
    }

    @Test func `an offset is found by scalars, lines from one`() {
        let text = "aé\nb"
        #expect(SourcePosition(utf8Offset: 3, in: text) == SourcePosition(line: 1, column: 3))
        #expect(SourcePosition(utf8Offset: 4, in: text) == SourcePosition(line: 2, column: 1))
        #expect(SourcePosition(utf8Offset: 99, in: text) == SourcePosition(line: 2, column: 2))
    }
}
