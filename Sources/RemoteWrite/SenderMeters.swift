// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Samples
internal import Storage
internal import Telemetry

/// A sender's own metrics.
struct SenderMeters: Sendable {
    /// Why samples are not sent.
    enum Loss: String, CaseIterable {
        case refused
        case tooOld = "too_old"
        case queueFull = "queue_full"
        case unknownSeries = "unknown_series"
        case relabeled
    }

    private let remote: LabelSet
    private let sent: Counter
    private let sentBytes: Counter
    private let retried: Counter
    private let dropped: Counter
    private let requests: Counter
    private let metadata: Counter
    private let seconds: Histogram
    private let pendingSamples: Gauge
    private let pendingBytes: Gauge
    private let shards: Gauge
    private let maxShards: Gauge
    private let newestSent: Gauge

    init(_ telemetry: Registry, _ options: RemoteWriteOptions) {
        remote = ["remote": options.name]
        func counter(_ name: String, _ help: String) -> Counter {
            telemetry.counter("nightjar_remote_write_" + name, help: help)
        }
        func gauge(_ name: String, _ help: String) -> Gauge {
            telemetry.gauge("nightjar_remote_write_" + name, help: help)
        }
        sent = counter("samples_sent_total", "Samples that the receiver has taken")
        sentBytes = counter("sent_bytes_total", "Compressed bytes that the receiver has taken")
        retried = counter("samples_retried_total", "Samples that were sent again after a failure")
        dropped = counter("samples_dropped_total", "Samples that are never sent, by the reason")
        requests = counter("requests_total", "Requests sent, by status or by what failed")
        metadata = counter("metadata_sent_total", "Descriptions of metrics that were taken")
        seconds = telemetry.histogram(
            "nightjar_remote_write_send_duration_seconds",
            help: "How long a request took, failed ones included"
        )
        pendingSamples = gauge("pending_samples", "Samples in the queue on disk")
        pendingBytes = gauge("pending_bytes", "Bytes of the queue on disk")
        shards = gauge("shards", "Shards that have something to send")
        maxShards = gauge("max_shards", "Requests sent side by side at most")
        newestSent = gauge(
            "newest_sent_timestamp_seconds",
            "The newest time among the samples that the receiver has taken"
        )
        for one in [sent, sentBytes, retried, metadata] { one.add(0, remote) }
        for loss in Loss.allCases { dropped.add(0, labels("reason", loss.rawValue)) }
        for one in [pendingSamples, pendingBytes, shards] { one.set(0, remote) }
        maxShards.set(Double(options.queue.maxShards), remote)
    }

    func attempted(_ outcome: String, in duration: Duration) {
        requests.add(1, labels("outcome", outcome))
        seconds.observe(duration.inSeconds, remote)
    }

    func sent(_ request: SendPlan.Request) {
        sent.add(Double(request.sampleCount), remote)
        sentBytes.add(Double(request.body.count), remote)
    }

    func reached(_ newest: Int64) {
        newestSent.set(Timestamp(milliseconds: newest).seconds, remote)
    }

    func retried(_ count: Int) { retried.add(Double(count), remote) }

    func lost(_ count: Int, _ loss: Loss) {
        if count > 0 { dropped.add(Double(count), labels("reason", loss.rawValue)) }
    }

    func sentMetadata(_ count: Int) { metadata.add(Double(count), remote) }

    func pending(_ backlog: LogBacklog) {
        pendingSamples.set(Double(backlog.samples), remote)
        pendingBytes.set(Double(backlog.bytes), remote)
    }

    func setActive(_ count: Int) { shards.set(Double(count), remote) }

    private func labels(_ name: String, _ value: String) -> LabelSet {
        remote.setting(name, to: value)
    }
}
