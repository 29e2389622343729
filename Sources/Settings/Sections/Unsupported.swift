// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import ConfigYAML

/// Keys that mean something to Prometheus, Alertmanager or a later Nightjar, and nothing here yet.
///
/// To call them unknown would send a reader looking for a typing mistake.
enum Unsupported {
    static let sections = ["pgbouncer", "probes", "probe_modules", "remote_read", "tracing"]
    static let alerting = [
        "alertmanagers", "alert_relabel_configs", "tracing", "event_recorder",
    ]
    static let scrape = [
        "relabel_configs", "file_sd_configs", "dns_sd_configs", "http_sd_configs",
        "kubernetes_sd_configs", "consul_sd_configs", "ec2_sd_configs", "docker_sd_configs",
        "oauth2", "proxy_url", "proxy_from_environment", "no_proxy", "http_headers",
        "enable_compression", "enable_http2", "scrape_protocols", "fallback_scrape_protocol",
        "label_limit", "label_name_length_limit", "label_value_length_limit", "target_limit",
        "keep_dropped_targets", "track_timestamps_staleness", "scrape_failure_log_file",
        "scrape_classic_histograms", "always_scrape_classic_histograms",
        "convert_classic_histograms_to_nhcb", "native_histogram_bucket_limit",
        "native_histogram_min_bucket_factor", "metric_name_validation_scheme",
        "metric_name_escaping_scheme", "bearer_token", "bearer_token_file",
    ]
    static let receiver = [
        "discord", "email", "incidentio", "jira", "mattermost", "msteams", "msteamsv2", "opsgenie",
        "pushover", "rocketchat", "sns", "telegram", "victorops", "webex", "wechat",
    ].map { $0 + "_configs" }
    static let slack = [
        "http_config", "actions", "callback_id", "image_url", "thumb_url", "mrkdwn_in",
        "short_fields",
    ]
    static let pagerduty = ["http_config", "service_key", "service_key_file", "images"]
    static let webhook = ["http_config", "payload"]
}

extension MappingReader {
    /// Notes an error at each of these keys that is there: nothing stands behind it yet.
    func refuse(_ keys: [String]) {
        for key in keys where has(key) {
            _ = value(key)
            error(atKey: key, "'\(key)' in \(context) is not supported yet")
        }
    }

    /// Notes at each key with one of these beginnings that it has no effect.
    func ignore(beginningWith beginnings: [String]) {
        for key in keys where beginnings.contains(where: { key.hasPrefix($0) }) {
            _ = value(key)
            sink.warning(
                at: position(ofKey: key),
                "'\(key)' has no effect: receivers of this kind are not supported yet"
            )
        }
    }
}
