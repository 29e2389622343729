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

    @Test(arguments: rangeScripts + mathScripts + labelScripts + histogramScripts + delayedScripts)
    func `functions`(_ script: LanguageScript) async { await expect(script) }

    @Test(arguments: annotationScripts)
    func `annotations`(_ script: LanguageScript) async { await expect(script) }

    @Test(arguments: wordScripts)
    func `words, literals and lengths of time`(_ script: LanguageScript) async {
        await expect(script)
    }

    @Test(arguments: experimentalScripts)
    func `experimental parts`(_ script: LanguageScript) async { await expect(script) }

    @Test(
        arguments: selectorScripts + operatorScripts + aggregationScripts + rangeScripts
            + mathScripts + labelScripts + histogramScripts + experimentalScripts
            + annotationScripts + wordScripts
    )
    func `names dropped at each operation give the same`(_ script: LanguageScript) async {
        await expect(script, delaysNameRemoval: false)
    }

    private func expect(_ script: LanguageScript, delaysNameRemoval: Bool = true) async {
        let report = await ScriptRunner(delaysNameRemoval: delaysNameRemoval).run(script.text)
        for failure in report.failures {
            Issue.record("\(script.name), line \(failure.line): \(failure.message)")
        }
        #expect(report.passed == script.count)
    }
}
