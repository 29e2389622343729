// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import ConfigYAML
internal import HTTPFetch
internal import RemoteWrite
internal import Samples
internal import Secrets

extension RemoteWriteOptions {
    /// Decodes one entry of `remote_write`, in Prometheus' language.
    ///
    /// Source: Prometheus, config: `RemoteWriteConfig`, `QueueConfig`, `MetadataConfig`.
    init(_ mapping: MappingReader, global: Settings.Global) {
        let url = mapping.requiredString("url")
        self.init(name: mapping.string("name") ?? redacted(url: url), url: url)
        mapping.context = "remote write '\(name)'"
        if !url.isEmpty, !url.hasPrefix("http://"), !url.hasPrefix("https://") {
            mapping.error(atKey: "url", "'url' must begin with http:// or https://")
        }
        externalLabels = global.externalLabels
        headers = mapping.entries("headers").compactMap { name, value in
            guard let text = value.string() else { return nil }
            if Self.ownHeaders.contains(name.lowercased()) {
                value.error("the header '\(name)' is set by the protocol")
            }
            return HTTPHeader(name, secret: Secret(text))
        }
        authorization = mapping.remoteAuthorization()
        if let section = mapping.mapping("tls_config") { tls = HTTPTLSOptions(section) }
        proxy = mapping.string("proxy_url", default: proxy)
        maxRedirects = mapping.bool("follow_redirects", default: true) ? 10 : 0
        timeout = mapping.positiveDuration("remote_timeout", default: timeout)
        mapping.refuse("send_exemplars", "exemplars are not kept, so none can be sent")
        mapping.refuse("send_native_histograms", "native histograms are not kept")
        if let value = mapping.value("protobuf_message"), let text = value.string(),
            text != "prometheus.WriteRequest"
        {
            value.error("only remote write 1.0, 'prometheus.WriteRequest', is sent")
        }
        if let section = mapping.mapping("queue_config", "queue_config") { queue = Queue(section) }
        decodeMetadata(mapping.mapping("metadata_config", "metadata_config"))
        let rules = mapping.mappings("write_relabel_configs", "a relabel rule")
            .compactMap { RelabelRule($0) }
        if !rules.isEmpty { relabeling = Relabeling(rules) { RelabelRule.apply($0, to: $1) } }
        mapping.finish()
    }

    private static let ownHeaders: Set = [
        "content-encoding", "content-type", "x-prometheus-remote-write-version", "user-agent",
        "host", "content-length",
    ]

    private mutating func decodeMetadata(_ section: MappingReader?) {
        guard let section else { return }
        let isSent = section.bool("send", default: true)
        let interval = section.positiveDuration("send_interval", default: .seconds(60))
        metadataInterval = isSent ? interval : nil
        maxMetadataPerSend = section.positiveInt(
            "max_samples_per_send",
            default: maxMetadataPerSend
        )
        section.finish()
    }
}

extension RemoteWriteOptions.Queue {
    /// Decodes `queue_config`; `min_shards` is taken and means nothing, as idle shards cost nothing.
    init(_ mapping: MappingReader) {
        self.init()
        capacity = mapping.positiveInt("capacity", default: capacity)
        maxShards = mapping.positiveInt("max_shards", default: maxShards)
        _ = mapping.int("min_shards")
        maxSamplesPerSend = mapping.positiveInt("max_samples_per_send", default: maxSamplesPerSend)
        batchSendDeadline = mapping.positiveDuration(
            "batch_send_deadline",
            default: batchSendDeadline
        )
        minBackoff = mapping.positiveDuration("min_backoff", default: minBackoff)
        maxBackoff = mapping.positiveDuration("max_backoff", default: maxBackoff)
        if maxBackoff < minBackoff {
            mapping.error(
                atKey: "max_backoff",
                "'max_backoff' must not be shorter than 'min_backoff'"
            )
        }
        if let value = mapping.value("retry_on_http_429"), value.bool() == false {
            value.error("a receiver that answers 429 is always asked again")
        }
        if let limit = mapping.duration("sample_age_limit"), limit > .zero {
            sampleAgeLimit = limit
        }
        maxBytes = mapping.byteCount("max_size") ?? maxBytes
        mapping.finish()
    }
}

extension MappingReader {
    /// Prometheus' `basic_auth`, `authorization`, `bearer_token` or `bearer_token_file`.
    fileprivate func remoteAuthorization() -> HTTPAuthorization {
        let ways = ["basic_auth", "authorization", "bearer_token", "bearer_token_file"].filter(has)
        for extra in ways.dropFirst() {
            error(atKey: extra, "'\(ways[0])' and '\(extra)' exclude each other")
        }
        if let token = secretOrFile("bearer_token") { return .bearer(Secret(token)) }
        return authorization()
    }

    /// Notes a switch that cannot be on.
    fileprivate func refuse(_ key: String, _ why: String) {
        if let value = value(key), value.bool() == true {
            value.error("'\(key)' is not supported: \(why)")
        }
    }

    fileprivate func positiveInt(_ key: String, default standard: Int) -> Int {
        guard let value = value(key), let number = value.int() else { return standard }
        if number > 0 { return number }
        value.error("'\(key)' must be above 0")
        return standard
    }
}
