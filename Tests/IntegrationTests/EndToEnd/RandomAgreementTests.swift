// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import TestSupport
import Testing

/// A short run of `make fuzz`.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: RealPrometheus.isInstalled))
struct RandomAgreementTests {
    @Test func `random queries are answered as by Prometheus`() throws {
        let directory = TemporaryDirectory()
        let status = try ServerProcess.run(
            [builtProgram("benchmarks"), "fuzz", "--seed", "7", "--count", "600"],
            logFile: directory.file("log")
        )
        let log = String(decoding: bytesOfFile(directory.file("log")), as: UTF8.self)
        #expect(status == 0, "\(log)")
        #expect(log.contains("seed 7: 600 questions, 0 mismatches"))
    }
}
