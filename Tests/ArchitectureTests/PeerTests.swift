// SPDX-License-Identifier: Apache-2.0
// Nightjar
import TestSupport
import Testing

struct PeerTests {
    /// Tests skip what is not installed; where every change is checked, that would hide a failure.
    @Test(
        .enabled(if: isContinuousIntegration, "only where every change is checked"),
        arguments: ["psql", "redis-server", "prometheus", "promtool", "curl", "python3"]
    )
    func `a program that tests need is installed`(name: String) {
        #expect(isInstalled(name))
    }
}
