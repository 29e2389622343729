// SPDX-License-Identifier: Apache-2.0
// Nightjar
import Exposition
import TestSupport
import Testing

/// The texts of OpenMetrics' own parser tests; the name says what each must do.
@Suite(.enabled(if: conformanceFolder("openmetrics") != nil, "../shared/conformance is absent"))
struct OpenMetricsTests {
    private static let files: [String] = {
        guard let folder = conformanceFolder("openmetrics") else { return [] }
        return filesEnding(in: ".txt", below: folder)
    }()

    @Test(arguments: files.filter { $0.hasSuffix(".good.txt") })
    func `a good page is accepted`(_ file: String) {
        let fault = openMetricsFault(in: bytesOfFile(file))
        #expect(fault == nil)
    }

    @Test(arguments: files.filter { $0.hasSuffix(".bad.txt") })
    func `a bad page is refused`(_ file: String) {
        #expect(openMetricsFault(in: bytesOfFile(file)) != nil)
    }

    @Test func `there are pages of both kinds`() {
        #expect(Self.files.count { $0.hasSuffix(".good.txt") } == 25)
        #expect(Self.files.count { $0.hasSuffix(".bad.txt") } == 80)
    }
}
