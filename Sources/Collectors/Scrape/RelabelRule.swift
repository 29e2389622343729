// SPDX-License-Identifier: Apache-2.0
// Nightjar
public import Samples

/// One step of relabelling.
///
/// Source: Prometheus, model/relabel/relabel.go; `hashmod` is missing.
public struct RelabelRule: Sendable, Equatable {
    /// What a rule does.
    public enum Action: String, Sendable, CaseIterable {
        case replace
        case keep
        case drop
        case keepequal
        case dropequal
        case labelmap
        case labeldrop
        case labelkeep
        case lowercase
        case uppercase
    }

    /// The labels whose values are joined.
    public var sourceLabels: [String] = []
    /// What stands between the values.
    public var separator = ";"
    /// The label that is set.
    public var targetLabel = ""
    /// What the joined values, or labels' names, must match as a whole.
    public var expression: RegularExpression
    /// What the target is set to, with `$1` and `${1}` for groups.
    public var replacement = "$1"
    /// What is done.
    public var action = Action.replace

    /// Makes a rule.
    public init(_ action: Action, expression: RegularExpression) {
        self.action = action
        self.expression = expression
    }

    /// The labels after all rules; nil where one dropped them.
    public static func apply(_ rules: [RelabelRule], to labels: LabelSet) -> LabelSet? {
        var result = labels
        for rule in rules {
            guard let next = rule.apply(to: result) else { return nil }
            result = next
        }
        return result
    }

    private func apply(to labels: LabelSet) -> LabelSet? {
        let value = sourceLabels.map { labels[$0] }.joined(separator: separator)
        switch action {
        case .keep: return expression.matches(value) ? labels : nil
        case .drop: return expression.matches(value) ? nil : labels
        case .keepequal: return labels[targetLabel] == value ? labels : nil
        case .dropequal: return labels[targetLabel] == value ? nil : labels
        case .lowercase: return labels.setting(targetLabel, to: value.lowercased())
        case .uppercase: return labels.setting(targetLabel, to: value.uppercased())
        case .labeldrop:
            return LabelSet(labels.pairs.filter { !expression.matches($0.name) }.map { $0 })
        case .labelkeep:
            return LabelSet(labels.pairs.filter { expression.matches($0.name) }.map { $0 })
        case .labelmap:
            return labels.pairs.reduce(labels) { result, pair in
                guard let groups = expression.groups(in: pair.name) else { return result }
                return result.setting(Self.expand(replacement, groups), to: pair.value)
            }
        case .replace:
            guard let groups = expression.groups(in: value) else { return labels }
            let target = Self.expand(targetLabel, groups)
            return labels.setting(target, to: Self.expand(replacement, groups))
        }
    }

    /// Replaces `$N`, `${N}` and `$$`; groups that took no part are empty.
    static func expand(_ template: String, _ groups: [String?]) -> String {
        var result = ""
        var rest = template[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
                continue
            }
            let isBraced = rest.first == "{"
            if isBraced { rest = rest.dropFirst() }
            let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            rest = rest.dropFirst(name.count)
            if isBraced, rest.first == "}" { rest = rest.dropFirst() }
            if let number = Int(name), groups.indices.contains(number) {
                result += groups[number] ?? ""
            }
        }
        return result + rest
    }
}
