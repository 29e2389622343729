// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import EventIO
internal import Locking
internal import Samples
internal import Telemetry

/// What the process is and uses, under the names that Prometheus' client libraries give it.
final class ProcessMeters: Sendable {
    private let cpu: Counter
    private let spent = Lock(0.0)
    private let gauges: [(gauge: Gauge, value: any KeyPath<ProcessUsage, Double> & Sendable)]

    /// Declares the metrics and measures for the first time.
    init(_ registry: Registry, version: String) {
        registry.gauge("nightjar_build_info", help: "What is running; always 1.")
            .set(1, ["version": version])
        cpu = registry.counter(
            "process_cpu_seconds_total",
            help: "Processor time of the process, user and system."
        )
        gauges = [
            (
                registry.gauge("process_resident_memory_bytes", help: "Bytes in memory."),
                \.residentBytes
            ),
            (
                registry.gauge("process_virtual_memory_bytes", help: "Bytes of address space."),
                \.virtualBytes
            ),
            (
                registry.gauge("process_start_time_seconds", help: "When the process started."),
                \.startSeconds
            ),
            (
                registry.gauge("process_open_fds", help: "Open file descriptors."),
                \.openDescriptors
            ),
            (
                registry.gauge("process_max_fds", help: "File descriptors that may be open."),
                \.descriptorLimit
            ),
        ]
        measure()
    }

    /// Sets the metrics to what is used now.
    func measure() {
        let usage = ProcessUsage.now()
        let more = spent.withLock { spent in
            defer { spent = max(spent, usage.cpuSeconds) }
            return max(0, usage.cpuSeconds - spent)
        }
        cpu.add(more)
        for (gauge, value) in gauges { gauge.set(usage[keyPath: value]) }
    }
}
