// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import TestSupport
import Testing

struct DocumentTests {
    /// The names of all tests of the repository.
    private func testNames() throws -> Set<String> {
        var names: Set<String> = []
        for pattern in ["*/*.swift", "*/*/*.swift"] {
            for path in paths(matching: repositoryRoot + "/Tests/" + pattern) {
                let text = String(decoding: try contents(ofFile: path), as: UTF8.self)
                for part in text.split(separator: "func `").dropFirst() {
                    names.insert(String(part.prefix { $0 != "`" }))
                }
            }
        }
        return names
    }

    /// What stands in `*...*` after `Test:` or `Tests:`, line breaks as spaces.
    private func named(in document: String) -> [String] {
        let lines = document.split(separator: "\n").map { $0.drop { $0 == " " } }
        let text = lines.joined(separator: " ")
        return text.split(separator: "Test").dropFirst().flatMap { part -> [String] in
            let sentence = part.prefix { $0 != "." }
            let pieces = sentence.split(separator: "*", omittingEmptySubsequences: false)
            return pieces.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        }
    }

    @Test func `each promise of reliability is proven by a test that exists`() throws {
        let path = repositoryRoot + "/docs/reliability.md"
        let document = String(decoding: try contents(ofFile: path), as: UTF8.self)
        let promised = named(in: document)
        #expect(promised.count > 15)
        let names = try testNames()
        for name in promised { #expect(names.contains(name), "\(name)") }
    }
}
