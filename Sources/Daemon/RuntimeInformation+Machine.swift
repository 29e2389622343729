// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Samples
internal import Telemetry
internal import WebAPI

extension RuntimeInformation {
    /// Asks the system, and the metrics of reloads.
    init(_ registry: Registry) {
        self.init()
        let machine = Machine.current()
        (host, folder) = (machine.host, machine.folder)
        (processors, threads) = (machine.processors, machine.threads)
        for family in registry.collect() {
            guard let value = family.samples.first?.value else { continue }
            switch family.name {
            case "nightjar_config_last_reload_successful": hasReloaded = value == 1
            case "nightjar_config_last_reload_success_timestamp_seconds":
                lastReload = Timestamp(seconds: value)
            default: break
            }
        }
    }
}
