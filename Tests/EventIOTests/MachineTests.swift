// SPDX-License-Identifier: Apache-2.0
// Nightjar
import EventIO
import Testing

@Suite struct MachineTests {
    @Test func `the machine has a name, and the process a folder, processors and threads`() {
        let machine = Machine.current()
        #expect(!machine.host.isEmpty)
        #expect(machine.folder.hasPrefix("/"))
        #expect(machine.processors > 0)
        #expect(machine.threads > 0)
    }
}
