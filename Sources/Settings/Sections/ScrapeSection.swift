// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import ConfigYAML
internal import HTTPFetch
internal import Samples
internal import Secrets

extension ScrapeOptions {
    /// Decodes one entry of `scrape_configs`, in Prometheus' language.
    init(_ mapping: MappingReader, global: Settings.Global) {
        let job = mapping.requiredString("job_name")
        mapping.context = "scrape job '\(job)'"
        self.init(job: job)
        targets = mapping.mappings("static_configs", "static_configs of '\(job)'").flatMap {
            group in
            let labels = LabelSet(group.stringMap("labels").map { ($0.key, $0.value) })
            let addresses = group.strings("targets")
            group.finish()
            return addresses.map { ScrapeTarget($0, labels: labels) }
        }
        metricsPath = mapping.string("metrics_path", default: metricsPath)
        scheme = mapping.choice("scheme", ["http": "http", "https": "https"], default: scheme)
        params = mapping.entries("params").flatMap { name, value in
            (value.strings() ?? []).map { ScrapeParameter(name, $0) }
        }
        honorLabels = mapping.bool("honor_labels", default: honorLabels)
        honorTimestamps = mapping.bool("honor_timestamps", default: honorTimestamps)
        countersBeginAtZero = mapping.bool(
            "counters_begin_at_zero",
            default: countersBeginAtZero
        )
        authorization = mapping.authorization()
        if let section = mapping.mapping("tls_config") { tls = HTTPTLSOptions(section) }
        followRedirects = mapping.bool("follow_redirects", default: followRedirects)
        sampleLimit = mapping.int("sample_limit", default: sampleLimit)
        bodySizeLimit = mapping.byteCount("body_size_limit") ?? bodySizeLimit
        let every = mapping.positiveDuration("scrape_interval", default: global.scrapeInterval)
        let timeout = mapping.positiveDuration(
            "scrape_timeout",
            default: min(global.scrapeTimeout, every)
        )
        if timeout > every {
            mapping.error(
                atKey: "scrape_timeout",
                "'scrape_timeout' must not be longer than 'scrape_interval'"
            )
        }
        schedule = PollSchedule(interval: every, timeout: timeout)
        metricRelabeling = mapping.mappings("metric_relabel_configs", "a relabel rule")
            .compactMap { RelabelRule($0) }
        mapping.refuse(Unsupported.scrape)
        mapping.finish()
    }
}

extension RelabelRule {
    /// Decodes one relabel rule; nil where its expression does not parse, which is noted.
    init?(_ mapping: MappingReader) {
        let text = mapping.string("regex", default: "(.*)")
        let word = mapping.string("action", default: "replace").lowercased()
        let action = Action(rawValue: word)
        if action == nil {
            let known = Action.allCases.map(\.rawValue).joined(separator: ", ")
            mapping.error(atKey: "action", "there is no action '\(word)'; there are \(known)")
        }
        let expression: RegularExpression
        do {
            expression = try RegularExpression(text)
        } catch {
            mapping.error(atKey: "regex", "bad regular expression: \(error.message)")
            return nil
        }
        self.init(action ?? .replace, expression: expression)
        sourceLabels = mapping.strings("source_labels")
        separator = mapping.string("separator", default: separator)
        targetLabel = mapping.string("target_label", default: targetLabel)
        replacement = mapping.string("replacement", default: replacement)
        mapping.finish()
    }
}
