// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import ConfigYAML
internal import Samples
internal import Storage

extension Settings.Global {
    /// Decodes the section `global`.
    init(_ mapping: MappingReader) {
        pollInterval = mapping.positiveDuration("poll_interval", default: pollInterval)
        pollTimeout = mapping.positiveDuration(
            "poll_timeout",
            default: min(pollTimeout, pollInterval)
        )
        scrapeInterval = mapping.positiveDuration("scrape_interval", default: scrapeInterval)
        scrapeTimeout = mapping.positiveDuration(
            "scrape_timeout",
            default: min(scrapeTimeout, scrapeInterval)
        )
        evaluationInterval = mapping.positiveDuration(
            "evaluation_interval",
            default: evaluationInterval
        )
        externalLabels = LabelSet(mapping.stringMap("external_labels").map { ($0.key, $0.value) })
        mapping.finish()
    }
}

extension StorageOptions {
    /// Decodes the section `storage`; the path `:memory:` keeps nothing.
    init(_ mapping: MappingReader) {
        self = .standard
        if let path = mapping.string("path") { self.path = path == ":memory:" ? nil : path }
        retention = mapping.positiveDuration("retention", default: retention)
        maxBytes = mapping.byteCount("max_size")
        maxSeries = mapping.int("max_series", default: maxSeries)
        mapping.finish()
    }
}

extension MappingReader {
    /// The duration of a key, which must be longer than nothing.
    func positiveDuration(_ key: String, default standard: Duration) -> Duration {
        guard let value = value(key), let duration = value.duration() else { return standard }
        if duration > .zero { return duration }
        value.error("'\(key)' must be longer than 0")
        return standard
    }

    /// The text of the file that a key names; nil, and noted, where it cannot be read.
    func fileText(_ key: String) -> String? {
        guard let path = string(key) else { return nil }
        do throws(Substitution.Failure) {
            return try sink.substitution.file(path)
        } catch {
            self.error(atKey: key, error.message)
            return nil
        }
    }

    /// A secret in the file, or in the file that `KEY_file` names.
    func secretOrFile(_ key: String) -> String? {
        let text = string(key)
        guard value(key + "_file") != nil else { return text }
        if text != nil {
            error(atKey: key + "_file", "'\(key)' and '\(key)_file' exclude each other")
        }
        return fileText(key + "_file")
    }
}
