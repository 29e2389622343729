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

extension Settings.Web {
    /// Decodes the section `web`.
    init(_ mapping: MappingReader) {
        if let value = mapping.value("listen"), let text = value.string() {
            if let address = ListenAddress(text) {
                host = address.host
                port = address.port
            } else {
                value.error("'listen' must be HOST:PORT such as 127.0.0.1:9630, not '\(text)'")
            }
        }
        receivesRemoteWrite = mapping.bool(
            "remote_write_receiver",
            default: receivesRemoteWrite
        )
        externalURL = mapping.string("external_url").map { text in
            text.hasSuffix("/") ? String(text.dropLast()) : text
        }
        mapping.finish()
    }
}

/// An address to listen on, `HOST:PORT`; an IPv6 host stands in brackets.
public struct ListenAddress: Sendable, Hashable {
    /// The host; empty for all addresses.
    public let host: String
    /// The port; 0 takes a free one.
    public let port: Int

    /// Reads `HOST:PORT`; nil where it is something else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        self.host = String(host)
        self.port = port
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

    /// A secret in the file, or in the file that `KEY_file` names.
    func secretOrFile(_ key: String) -> String? {
        let text = string(key)
        guard let path = string(key + "_file") else { return text }
        if text != nil {
            error(atKey: key + "_file", "'\(key)' and '\(key)_file' exclude each other")
        }
        do throws(Substitution.Failure) {
            return try sink.substitution.file(path)
        } catch {
            self.error(atKey: key + "_file", error.message)
            return nil
        }
    }
}
