// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLEngine
import Testing

/// A script on one part of the language.
struct LanguageScript: Sendable, CustomTestStringConvertible {
    var name: String
    /// How many evaluations it has.
    var count: Int
    var text: String

    var testDescription: String { name }
}

/// The language by hand-worked values, a script for each part of it.
@Suite struct LanguageTests {
    @Test(arguments: selectorScripts + operatorScripts + aggregationScripts)
    func `selectors and operators`(_ script: LanguageScript) async { await expect(script) }

    @Test(arguments: rangeScripts + mathScripts + labelScripts + histogramScripts)
    func `functions`(_ script: LanguageScript) async { await expect(script) }

    @Test(arguments: experimentalScripts)
    func `experimental parts`(_ script: LanguageScript) async { await expect(script) }

    private func expect(_ script: LanguageScript) async {
        let report = await ScriptRunner().run(script.text)
        for failure in report.failures {
            Issue.record("\(script.name), line \(failure.line): \(failure.message)")
        }
        #expect(report.passed == script.count)
    }
}
