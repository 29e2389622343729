// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import Samples
internal import SourceText

/// The ledger's spaces of this module.
enum Space {
    static let alerts = "notify.alerts"
    static let log = "notify.log"
    static let outbox = "notify.outbox"
    static let silences = "notify.silences"
    /// Keys of groups that stand for others, since a change of the routes.
    static let keys = "notify.keys"
    /// Integrations that the configuration no longer names, for the ends of what they know.
    static let former = "notify.former"
}

/// A message on its way to one integration: a row of the outbox.
struct Delivery: Sendable, Hashable {
    var message: Message
    /// The integration's text.
    var integration: String
    var retry: RetryState

    var id: String { message.deliveryID }

    /// What keeps its order: the messages of a group to an integration, whatever key the group had
    /// when they were decided.
    var lane: Lane { Lane(integration: integration, group: message.groupLabels) }

    struct Lane: Hashable {
        let integration: String
        let group: LabelSet
    }
}

extension Alert {
    var record: JSONValue {
        .members([
            "labels": .texts(labels.pairs.map { (key: $0.name, value: $0.value) }),
            "annotations": .texts(annotations.map { (key: $0.key, value: $0.value) }),
            "starts": .moment(startsAt),
            "ends": endsAt.map(JSONValue.moment),
            "expires": expiresAt.map(JSONValue.moment),
            "updated": .moment(updatedAt),
            "active": .moment(activeAt),
            "url": .string(generatorURL),
            "value": .string("\(value)"),
            "first": firstValue.map { .string("\($0)") },
            "expression": .string(expression),
        ])
    }

    init?(record: JSONValue) {
        guard let starts = record["starts"]?.moment, let updated = record["updated"]?.moment else {
            return nil
        }
        self.init(
            labels: LabelSet(record["labels"]?.textPairs ?? []),
            annotations: Dictionary(record["annotations"]?.textPairs ?? []) { $1 },
            startsAt: starts,
            endsAt: record["ends"]?.moment,
            expiresAt: record["expires"]?.moment,
            updatedAt: updated,
            generatorURL: record["url"]?.string ?? "",
            value: record["value"]?.string.flatMap(Double.init) ?? .nan,
            activeAt: record["active"]?.moment,
            firstValue: record["first"]?.string.flatMap(Double.init),
            expression: record["expression"]?.string ?? ""
        )
    }
}

extension LogEntry {
    var record: JSONValue {
        .members([
            "firing": .array(firing.sorted().map { .string(String($0, radix: 16)) }),
            "resolved": .array(resolved.sorted().map { .string(String($0, radix: 16)) }),
            "told": .moment(Timestamp(milliseconds: toldAtMs)),
            "slack_channel": slackChannel.map(JSONValue.string),
            "slack_time": slackTime.map(JSONValue.string),
            "kin": .filled(kin),
        ])
    }

    init(record: JSONValue, now: Timestamp) {
        func numbers(_ key: String) -> Set<UInt64> {
            Set((record[key]?.array ?? []).compactMap { UInt64($0.string ?? "", radix: 16) })
        }
        firing = numbers("firing")
        resolved = numbers("resolved")
        toldAtMs = min(record["told"]?.moment ?? .init(milliseconds: 0), now).milliseconds
        slackChannel = record["slack_channel"]?.string
        slackTime = record["slack_time"]?.string
        kin = record["kin"]?.string ?? ""
    }
}

extension Delivery {
    var record: JSONValue {
        .members([
            "integration": .string(integration),
            "receiver": .string(message.receiver),
            "group_key": .string(message.groupKey),
            "stable_key": .string(message.stableKey),
            "group_labels": .texts(
                message.groupLabels.pairs.map { (key: $0.name, value: $0.value) }
            ),
            "alerts": .array(message.alerts.map(\.record)),
            "reason": .string(message.reason.rawValue),
            "created": .moment(message.createdAt),
            "attempts": .number(Double(retry.attempts)),
            "due": .moment(retry.dueAt),
        ])
    }

    init?(id: String, record: JSONValue) {
        guard let integration = record["integration"]?.string,
            let created = record["created"]?.moment,
            let reason = NotificationReason(rawValue: record["reason"]?.string ?? "")
        else { return nil }
        self.integration = integration
        message = Message(
            deliveryID: id,
            receiver: record["receiver"]?.string ?? "",
            groupKey: record["group_key"]?.string ?? "",
            stableKey: record["stable_key"]?.string ?? "",
            groupLabels: LabelSet(record["group_labels"]?.textPairs ?? []),
            alerts: (record["alerts"]?.array ?? []).compactMap(Alert.init(record:)),
            reason: reason,
            createdAt: created
        )
        retry = RetryState(
            attempts: Int(record["attempts"]?.number ?? 0),
            createdAtMs: created.milliseconds,
            dueAtMs: record["due"]?.moment?.milliseconds ?? created.milliseconds
        )
    }
}

extension Silence {
    var record: JSONValue {
        .members([
            "matchers": .array(
                matchers.map {
                    .array([.string($0.name.text), .string($0.kind.rawValue), .string($0.value)])
                }
            ),
            "starts": .moment(startsAt),
            "ends": .moment(endsAt),
            "updated": .moment(updatedAt),
            "by": .string(createdBy),
            "comment": .string(comment),
        ])
    }

    init?(id: String, record: JSONValue) {
        guard let starts = record["starts"]?.moment, let ends = record["ends"]?.moment,
            let list = record["matchers"]?.array
        else { return nil }
        let matchers = list.compactMap { item -> Matcher? in
            guard let name = item[0]?.string, let value = item[2]?.string,
                let kind = Matcher.Kind(rawValue: item[1]?.string ?? "")
            else { return nil }
            return try? Matcher(name, kind, value)
        }
        guard matchers.count == list.count else { return nil }
        self.init(
            id: id,
            matchers: matchers,
            startsAt: starts,
            endsAt: ends,
            updatedAt: record["updated"]?.moment ?? starts,
            createdBy: record["by"]?.string ?? "",
            comment: record["comment"]?.string ?? ""
        )
    }
}

extension JSONValue {
    static func moment(_ time: Timestamp) -> JSONValue { .number(Double(time.milliseconds)) }

    var moment: Timestamp? {
        guard let number, abs(number) < 9e15 else { return nil }
        return Timestamp(milliseconds: Int64(number))
    }

    var textPairs: [(String, String)] {
        (members ?? []).map { ($0.key, $0.value.string ?? "") }
    }
}
