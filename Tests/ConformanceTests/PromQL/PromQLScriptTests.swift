// SPDX-License-Identifier: Apache-2.0
// Nightjar
import PromQLEngine
import TestSupport
import Testing

/// Prometheus' own test scripts, with the extra runs of each instant evaluation.
@Suite struct PromQLScriptTests {
    @Test(
        .enabled(if: conformanceFolder("promql") != nil, "../shared/conformance/promql is absent")
    )
    func `every evaluation of Prometheus' scripts comes out as expected`() async throws {
        let folder = try #require(conformanceFolder("promql"))
        var passed = 0
        for path in filesEnding(in: ".test", below: folder) {
            let text = String(decoding: bytesOfFile(path), as: UTF8.self)
            let report = await ScriptRunner().run(text)
            for failure in report.failures {
                Issue.record("\(path):\(failure.line): \(failure.message)")
            }
            passed += report.passed
        }
        #expect(passed == 644)
    }
}
