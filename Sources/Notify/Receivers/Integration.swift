// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import SourceText

/// One way to tell a receiver: its identity and its channel.
struct Integration: Sendable {
    let receiver: String
    /// The place among the receiver's integrations of this kind.
    let index: Int
    let channel: any Channel

    /// Alertmanager's word for the kind.
    var name: String { type(of: channel).word }

    /// The text that stands for it in the notification log.
    var id: String { "\(receiver)/\(name)[\(index)]" }

    /// All integrations of a receiver.
    static func all(of receiver: Receiver) -> [Integration] {
        func made(_ channels: [any Channel]) -> [Integration] {
            channels.enumerated().map {
                Integration(receiver: receiver.name, index: $0.offset, channel: $0.element)
            }
        }
        return made(receiver.slackConfigs) + made(receiver.pagerdutyConfigs)
            + made(receiver.webhookConfigs)
    }
}

extension Integration {
    private static let kinds: [any Channel.Type] = [
        SlackOptions.self, PagerDutyOptions.self, WebhookOptions.self,
    ]

    /// What the ledger keeps of an integration that the configuration no longer names.
    var record: JSONValue {
        .members([
            "receiver": .string(receiver),
            "index": .number(Double(index)),
            "kind": .string(name),
            "options": channel.record,
        ])
    }

    init?(record: JSONValue) {
        let word = record["kind"]?.string
        guard let kind = Self.kinds.first(where: { $0.word == word }),
            let options = record["options"], let channel = kind.init(record: options),
            let receiver = record["receiver"]?.string, let index = record["index"]?.number
        else { return nil }
        self.init(receiver: receiver, index: Int(index), channel: channel)
    }
}
