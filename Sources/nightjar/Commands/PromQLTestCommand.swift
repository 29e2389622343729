// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Arguments
internal import EventIO
internal import PromQLEngine

/// `nightjar test promql`.
extension TestCommand {
    static func promQL(_ arguments: Arguments) async -> Int32 {
        var total = (passed: 0, failed: 0)
        for path in arguments.positional {
            let text: String
            do { text = String(decoding: try contents(ofFile: path), as: UTF8.self) } catch {
                print("\(error)\n", toDescriptor: 2)
                total.failed += 1
                continue
            }
            let report = await ScriptRunner().run(text)
            for failure in report.failures {
                print("\(path):\(failure.line): error: \(failure.message)\n", toDescriptor: 2)
            }
            if report.refusedHistograms > 0 {
                let count = report.refusedHistograms
                let note = "\(path): note: \(count) samples of native histograms were left out\n"
                print(note, toDescriptor: 2)
            }
            let failed = report.failures.count
            print("\(path): \(report.passed) passed, \(failed) failed\n", toDescriptor: 1)
            total.passed += report.passed
            total.failed += report.failures.count
        }
        print("\(total.passed) passed, \(total.failed) failed\n", toDescriptor: 1)
        return total.failed == 0 ? 0 : 1
    }
}
