// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Glibc
import PromQLSyntax
import TestSupport
import Testing

/// Every expression of Prometheus' own test scripts and rule files is parsed and printed.
@Suite struct PromQLSyntaxTests {
    @Test(
        .enabled(if: conformanceFolder("promql") != nil, "../shared/conformance/promql is absent")
    )
    func `the expressions of Prometheus' test scripts parse and print`() throws {
        let folder = try #require(conformanceFolder("promql"))
        var count = 0
        for file in files(in: folder, ending: ".test") {
            for (line, text, reason) in evaluations(of: contents(of: "\(folder)/\(file)")) {
                count += 1
                let place = "\(file):\(line): \(text)"
                if let reason {
                    let error = #expect(throws: ParseError.self, "\(place)") {
                        try parseExpression(text)
                    }
                    #expect(error?.message.contains(reason) == true, "\(place)")
                } else {
                    expectRoundTrip(text, place)
                }
            }
        }
        #expect(count > 600)
    }

    @Test(
        .enabled(
            if: conformanceFolder("rulefiles") != nil && conformanceFolder("promtool") != nil,
            "../shared/conformance/rulefiles or promtool is absent"
        )
    )
    func `the expressions of rule files parse, and the bad ones are refused`() throws {
        let bad: Set = ["bad_expr.bad.yaml", "bad-rules-syntax.yml"]
        var count = 0
        for name in ["rulefiles", "promtool"] {
            let folder = try #require(conformanceFolder(name))
            for file in files(in: folder, ending: "ml") {
                for text in expressions(ofYAML: contents(of: "\(folder)/\(file)")) {
                    count += 1
                    if bad.contains(file) {
                        #expect(throws: ParseError.self, "\(file)") { try parseExpression(text) }
                    } else {
                        expectRoundTrip(text, file)
                    }
                }
            }
        }
        #expect(count > 30)
    }

    private func expectRoundTrip(_ text: String, _ place: String) {
        do {
            let printed = try parseExpression(text).description
            #expect(try parseExpression(printed).description == printed, "\(place)")
            let pretty = try parseExpression(text).prettyPrinted
            #expect(try parseExpression(pretty).description == printed, "\(place)")
        } catch {
            Issue.record("\(place): \(error)")
        }
    }

    /// The `eval` lines of a script: line, expression, and the parse error that it must give.
    private func evaluations(of script: String) -> [(Int, String, String?)] {
        let lines = script.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.drop { $0 == " " || $0 == "\t" } }
        var found: [(Int, String, String?)] = []
        for (index, line) in lines.enumerated() where line.hasPrefix("eval") {
            let words = line.split(separator: " ", maxSplits: 4)
            // `eval instant at T EXPRESSION`, `eval range from A to B step S EXPRESSION`
            let isRange = words.count > 1 && words[1] == "range"
            let skipped = isRange ? 8 : 4
            let parts = line.split(separator: " ", maxSplits: skipped)
            guard parts.count > skipped else { continue }
            let text = String(parts[skipped])
            let expectation = index + 1 < lines.count ? lines[index + 1] : ""
            let isParseError = expectation.contains("modifier can only be used with")
            let prefix = "expect fail msg: "
            let reason =
                expectation.hasPrefix(prefix) ? String(expectation.dropFirst(prefix.count)) : ""
            found.append((index + 1, text, isParseError ? reason : nil))
        }
        return found
    }

    /// The values of `expr:` keys, on one line or as a block, aliases left out.
    private func expressions(ofYAML text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var found: [String] = []
        for (index, line) in lines.enumerated() {
            let plain = line.drop { $0 == " " || $0 == "-" }
            guard plain.hasPrefix("expr:") else { continue }
            var value = plain.dropFirst(5).drop { $0 == " " }
            if value.hasPrefix("*") { continue }
            if value.hasSuffix("|") {
                let indent = line.count - plain.count
                let block = lines[(index + 1)...].prefix { $0.prefix { $0 == " " }.count > indent }
                found.append(block.joined(separator: "\n"))
            } else {
                for quote in ["\"", "'"] where value.hasPrefix(quote) && value.hasSuffix(quote) {
                    value = value.dropFirst().dropLast()
                }
                found.append(String(value))
            }
        }
        return found
    }

    /// The names in a folder that end so, sorted.
    private func files(in folder: String, ending: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(ending) { names.append(name) }
        }
        return names.sorted()
    }

    private func contents(of path: String) -> String {
        guard let file = unsafe fopen(path, "r") else { return "" }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe fread(&piece, 1, piece.count, file)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece[..<count]
        }
    }
}
