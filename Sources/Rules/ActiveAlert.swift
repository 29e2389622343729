// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Alerts
public import Samples
internal import SourceText

/// An alert of a rule with its life so far.
public struct ActiveAlert: Sendable, Hashable {
    /// The labels with `alertname`.
    public internal(set) var labels: LabelSet
    /// The annotations, expanded at the last evaluation.
    public internal(set) var annotations: [String: String]
    /// The value of the last evaluation that saw it.
    public internal(set) var value: Double
    /// The value when the condition began to hold.
    public internal(set) var firstValue: Double
    /// Its life.
    public internal(set) var life: AlertLifecycle

    /// The bytes that the ledger keeps.
    var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("labels")
            writer.object { writer in
                for (name, value) in labels.pairs { writer.field(name, value) }
            }
            writer.key("annotations")
            writer.object { writer in
                for (name, value) in annotations.sorted(by: { $0.key < $1.key }) {
                    writer.field(name, value)
                }
            }
            // The bits of a number keep NaN and infinity.
            writer.field("value", String(value.bitPattern))
            writer.field("firstValue", String(firstValue.bitPattern))
            writer.field("phase", life.phase.rawValue)
            let times: [(String, Timestamp?)] = [
                ("activeAt", life.activeAt), ("firedAt", life.firedAt),
                ("resolvedAt", life.resolvedAt), ("keptSince", life.keptSince),
                ("lastSentAt", life.lastSentAt),
            ]
            for (name, time) in times {
                if let time { writer.field(name, String(time.milliseconds)) }
            }
        }
        return writer.bytes
    }

    /// Reads what the ledger kept; nil where it is not understood.
    init?(decoding bytes: [UInt8]) {
        guard let json = try? JSONValue.parse(bytes),
            let phase = json["phase"]?.string.flatMap(AlertPhase.init(rawValue:)),
            let labels = json["labels"]?.members, let annotations = json["annotations"]?.members
        else { return nil }
        func time(_ key: String) -> Timestamp? {
            json[key]?.string.flatMap(Int64.init).map(Timestamp.init(milliseconds:))
        }
        func number(_ key: String) -> Double {
            json[key]?.string.flatMap(UInt64.init).map(Double.init(bitPattern:)) ?? .nan
        }
        guard let activeAt = time("activeAt") else { return nil }
        self.labels = LabelSet(labels.map { ($0.key, $0.value.string ?? "") })
        self.annotations = Dictionary(annotations.map { ($0.key, $0.value.string ?? "") }) { $1 }
        value = number("value")
        firstValue = number("firstValue")
        life = AlertLifecycle(
            phase: phase,
            activeAt: activeAt,
            firedAt: time("firedAt"),
            resolvedAt: time("resolvedAt"),
            keptSince: time("keptSince"),
            lastSentAt: time("lastSentAt")
        )
    }

    init(labels: LabelSet, annotations: [String: String], value: Double, activeAt: Timestamp) {
        self.labels = labels
        self.annotations = annotations
        self.value = value
        firstValue = value
        life = AlertLifecycle(activeAt: activeAt)
    }
}
