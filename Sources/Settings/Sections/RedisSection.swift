// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import ConfigYAML
internal import Secrets

extension RedisOptions {
    /// Decodes one entry of the section `redis`.
    init(_ mapping: MappingReader, global: Settings.Global) {
        let name = mapping.requiredString("name")
        mapping.context = "redis server '\(name)'"
        self.init(name: name, address: Secret(mapping.requiredString("address")))
        password = mapping.secretOrFile("password").map(Secret.init)
        interval = mapping.positiveDuration("interval", default: global.pollInterval)
        timeout = mapping.positiveDuration("timeout", default: min(global.pollTimeout, interval))
        checkKeys = mapping.strings("check_keys")
        checkStreams = mapping.strings("check_streams")
        collectors = mapping.collectorSwitches(RedisOptions.collectorNames)
        mapping.finish()
    }
}

extension MappingReader {
    /// Decodes `collectors: {name: {enabled: true}}` of sources whose parts have no other options.
    func collectorSwitches(_ known: [String]) -> [String: Bool] {
        var result: [String: Bool] = [:]
        for (name, value) in entries("collectors") {
            guard known.contains(name) else {
                let list = known.joined(separator: ", ")
                value.error("unknown collector '\(name)'; there are \(list)")
                continue
            }
            guard let options = value.mapping("collector '\(name)'") else { continue }
            result[name] = options.bool("enabled", default: true)
            options.finish()
        }
        return result
    }
}
