// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Arguments
internal import EventIO
internal import PromQLEngine

/// `nightjar test promql`.
extension TestCommand {
    static func promQL(_ arguments: Arguments) async -> Int32 {
        let runner = ScriptRunner(
            delaysNameRemoval: !arguments.flags.contains("names-dropped-at-once")
        )
        var total = Totals()
        for path in arguments.positional {
            let text: String
            do { text = String(decoding: try contents(ofFile: path), as: UTF8.self) } catch {
                print("\(error)\n", toDescriptor: 2)
                total.failed += 1
                continue
            }
            let report = await runner.run(text)
            show(report, path)
            var counts = Totals()
            counts.add(report)
            print("\(path): \(counts.text)\n", toDescriptor: 1)
            total.add(report)
        }
        print("\(total.text)\n", toDescriptor: 1)
        return total.failed == 0 ? 0 : 1
    }

    private static func show(_ report: ScriptReport, _ path: String) {
        for failure in report.failures {
            print("\(path):\(failure.line): error: \(failure.message)\n", toDescriptor: 2)
        }
        for skipped in report.skipped {
            let reason = "skipped, native histograms are not evaluated: \(skipped.message)"
            print("\(path):\(skipped.line): note: \(reason)\n", toDescriptor: 2)
        }
        if report.refusedHistograms > 0 {
            let count = report.refusedHistograms
            let note = "\(path): note: \(count) samples of native histograms were left out\n"
            print(note, toDescriptor: 2)
        }
    }
}

/// How many evaluations came out in which way.
private struct Totals {
    var passed = 0
    var failed = 0
    var skipped = 0

    mutating func add(_ report: ScriptReport) {
        passed += report.passed
        failed += report.failures.count
        skipped += report.skipped.count
    }

    var text: String {
        let counts = "\(passed) passed, \(failed) failed"
        return skipped == 0 ? counts : counts + ", \(skipped) skipped"
    }
}
