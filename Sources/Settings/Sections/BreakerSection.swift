// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import ConfigYAML
internal import HTTPFetch
internal import Secrets

extension BreakerOptions {
    /// Decodes one entry of the section `circuit_breakers`.
    init(_ mapping: MappingReader, global: Settings.Global) {
        let name = mapping.requiredString("name")
        mapping.context = "circuit breakers '\(name)'"
        self.init(name: name, url: mapping.requiredString("url"))
        headers = mapping.stringMap("headers").sorted { $0.key < $1.key }
            .map { HTTPHeader($0.key, secret: Secret($0.value)) }
        authorization = mapping.authorization()
        if let section = mapping.mapping("tls_config") { tls = HTTPTLSOptions(section) }
        let formats: KeyValuePairs<String, BreakerFormat> = [
            "auto": .auto, "nova": .nova, "spring": .spring, "resilience4j": .resilience4j,
            "opossum": .opossum, "mapping": .mapping,
        ]
        format = mapping.choice("format", formats, default: .auto)
        self.mapping = mapping.mapping("mapping", "the mapping of '\(name)'")
            .map { BreakerMapping($0) }
        if format == .mapping, self.mapping == nil {
            mapping.error("format 'mapping' needs the key 'mapping'")
        }
        schedule = mapping.schedule(global.pollInterval, global.pollTimeout)
        mapping.finish()
    }
}

extension BreakerMapping {
    /// Decodes where things stand in a document.
    init(_ mapping: MappingReader) {
        self.init()
        list = mapping.string("list", default: list)
        service = mapping.string("service", default: service)
        state = mapping.string("state", default: state)
        healthy = mapping.string("healthy", default: healthy)
        failures = mapping.string("failures", default: failures)
        for (word, value) in mapping.entries("states") {
            guard let text = value.string() else { continue }
            if let state = BreakerState(rawValue: text) {
                states[word] = state
            } else {
                let known = BreakerState.allCases.map(\.rawValue).joined(separator: ", ")
                value.error("there is no state '\(text)'; there are \(known)")
            }
        }
        mapping.finish()
    }
}

extension HTTPTLSOptions {
    /// Decodes Prometheus' `tls_config`.
    init(_ mapping: MappingReader) {
        self.init()
        caFile = mapping.string("ca_file", default: "")
        certificateFile = mapping.string("cert_file", default: "")
        keyFile = mapping.string("key_file", default: "")
        skipsVerification = mapping.bool("insecure_skip_verify", default: false)
        mapping.finish()
    }
}

extension MappingReader {
    /// Decodes Prometheus' `basic_auth` or `authorization`.
    func authorization() -> HTTPAuthorization {
        if let basic = mapping("basic_auth", "basic_auth") {
            defer { basic.finish() }
            let password = Secret(basic.secretOrFile("password") ?? "")
            return .basic(user: basic.string("username", default: ""), password: password)
        }
        guard let section = mapping("authorization", "authorization") else { return .none }
        defer { section.finish() }
        return .header(
            scheme: section.string("type", default: "Bearer"),
            credentials: Secret(section.secretOrFile("credentials") ?? "")
        )
    }

    /// Decodes `interval` and `timeout`; a timeout is never longer than its interval.
    func schedule(_ interval: Duration, _ timeout: Duration) -> PollSchedule {
        let every = positiveDuration("interval", default: interval)
        return PollSchedule(
            interval: every,
            timeout: positiveDuration("timeout", default: min(timeout, every))
        )
    }
}
