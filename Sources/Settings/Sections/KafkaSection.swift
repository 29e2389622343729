// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Collectors
internal import ConfigYAML
internal import KafkaClient

extension KafkaOptions {
    /// Decodes one entry of the section `kafka`.
    init(_ mapping: MappingReader, global: Settings.Global) {
        let name = mapping.requiredString("name")
        mapping.context = "kafka cluster '\(name)'"
        let brokers = mapping.strings("brokers")
        if brokers.isEmpty { mapping.error("kafka cluster '\(name)' needs 'brokers': [HOST:PORT]") }
        self.init(name: name, brokers: brokers)
        if let section = mapping.mapping("groups", "the groups of '\(name)'") {
            // Plain names are asked for by name, also where the cluster cannot list its groups.
            listedGroups = section.strings("include").filter { name in
                name.allSatisfy { $0.isLetter || $0.isNumber || "._-".contains($0) }
            }
            groups = NameFilter(section)
        }
        if let section = mapping.mapping("topics", "the topics of '\(name)'") {
            topics = NameFilter(section)
        }
        isByPartition = mapping.choice(
            "granularity",
            ["partition": true, "topic": false],
            default: isByPartition
        )
        decodeSecurity(mapping)
        schedule = mapping.schedule(global.pollInterval, global.pollTimeout)
        mapping.finish()
    }

    /// Decodes `sasl` and `tls` into librdkafka's own properties.
    private mutating func decodeSecurity(_ mapping: MappingReader) {
        let sasl = mapping.mapping("sasl", "sasl of '\(name)'")
        let tls = mapping.mapping("tls", "tls of '\(name)'")
        let protocols = [["plaintext", "ssl"], ["sasl_plaintext", "sasl_ssl"]]
        let word = protocols[sasl == nil ? 0 : 1][tls == nil ? 0 : 1]
        connection.properties["security.protocol"] = word
        if let sasl {
            let mechanism = sasl.string("mechanism", default: "PLAIN")
            connection.properties["sasl.mechanisms"] = mechanism
            connection.properties["sasl.username"] = sasl.string("username", default: "")
            connection.properties["sasl.password"] = sasl.secretOrFile("password") ?? ""
            sasl.finish()
        }
        if let tls {
            let names = [
                ("ca_file", "ssl.ca.location"), ("cert_file", "ssl.certificate.location"),
                ("key_file", "ssl.key.location"),
            ]
            for (key, property) in names {
                guard let path = tls.string(key) else { continue }
                connection.properties[property] = path
            }
            tls.finish()
        }
    }
}
