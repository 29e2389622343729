// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import ConfigYAML
internal import PromQLSyntax
public import SourceText
internal import Templates

/// A rule file in Prometheus' format.
///
/// Source: Prometheus, model/rulefmt/rulefmt.go.
public struct RuleFile: Sendable {
    /// The groups in the order of the file.
    public let groups: [RuleGroup]

    /// Reads a file; nil where it has errors, all of which are told.
    public static func parse(_ file: SourceFile) -> (file: RuleFile?, diagnostics: [Diagnostic]) {
        let document = ConfigDocument(file)
        var groups: [RuleGroup] = []
        if let root = document.root?.mapping("the rule file") {
            var names: Set<String> = []
            for element in root.list("groups") {
                guard let mapping = element.mapping("the group"),
                    let group = GroupReader(mapping: mapping, file: file.name).read()
                else { continue }
                if !names.insert(group.name).inserted {
                    let message = "the group name '\(group.name)' is repeated in the file"
                    mapping.error(atKey: "name", message)
                }
                groups.append(group)
            }
            root.finish()
        }
        let diagnostics = document.diagnostics
        return (diagnostics.hasErrors ? nil : RuleFile(groups: groups), diagnostics)
    }
}

/// Reads one group.
private struct GroupReader {
    let mapping: MappingReader
    let file: String

    func read() -> RuleGroup? {
        let name = mapping.requiredString("name")
        if !name.isEmpty { mapping.context = "group '\(name)'" }
        let interval = mapping.duration("interval")
        let offset = mapping.duration("query_offset")
        let limit = mapping.int("limit", default: 0)
        let labels = mapping.stringMap("labels")
        if labels["__name__"] != nil {
            mapping.error(atKey: "labels", "invalid label name '__name__' in \(mapping.context)")
        }
        let elements = mapping.list("rules")
        let rules = elements.compactMap { element in
            element.mapping("the rule").flatMap {
                RuleReader(mapping: $0, groupLabels: labels).read()
            }
        }
        mapping.finish()
        return RuleGroup(
            name: name,
            file: file,
            interval: interval.flatMap { $0 == .zero ? nil : $0 },
            queryOffset: offset,
            limit: limit,
            rules: rules
        )
    }
}

/// Reads one rule.
private struct RuleReader {
    let mapping: MappingReader
    let groupLabels: [String: String]

    func read() -> Rule? {
        let record = mapping.string("record") ?? ""
        let alert = mapping.string("alert") ?? ""
        let isAlert = !alert.isEmpty
        let name = isAlert ? alert : record
        if !name.isEmpty { mapping.context = "rule '\(name)'" }
        if isAlert, !record.isEmpty {
            mapping.error(atKey: "record", "only one of 'record' and 'alert' must be set")
        } else if name.isEmpty {
            mapping.error("one of 'record' or 'alert' must be set")
        } else if !isAlert, !isPlainMetricName(record) {
            mapping.error(atKey: "record", "invalid recording rule name: \(record)")
        }
        let expression = expression()
        let pendingFor = mapping.duration("for")
        let keepFiringFor = mapping.duration("keep_firing_for")
        let labels = texts("labels", isTemplate: isAlert)
        let annotations = texts("annotations", isTemplate: true)
        if !isAlert, !name.isEmpty {
            for key in ["for", "keep_firing_for", "annotations"] where isSet(key) {
                mapping.error(atKey: key, "invalid field '\(key)' in recording rule")
            }
        }
        mapping.finish()
        guard let (text, expression) = expression else { return nil }
        return Rule(
            kind: isAlert ? .alerting : .recording,
            name: name,
            expression: expression,
            expressionText: text,
            pendingFor: pendingFor ?? .zero,
            keepFiringFor: keepFiringFor ?? .zero,
            labels: merged(labels),
            annotations: annotations,
            position: mapping.position
        )
    }

    private func isSet(_ key: String) -> Bool {
        key == "annotations"
            ? !mapping.entries(key).isEmpty
            : mapping.value(key).map { configDuration($0.node.text ?? "") != .zero } ?? false
    }

    private func expression() -> (String, Expression)? {
        guard let value = mapping.required("expr"), let text = value.string() else { return nil }
        do {
            return (text, try parseExpression(text))
        } catch {
            value.error(
                atUTF8Offset: error.range.lowerBound,
                "could not parse expression: parse error: \(error.message)"
            )
            return nil
        }
    }

    private func texts(_ key: String, isTemplate: Bool) -> [RuleText] {
        var result: [RuleText] = []
        for (name, value) in mapping.entries(key) {
            guard let text = value.string() else { continue }
            if name.isEmpty || (key == "labels" && name == "__name__") {
                value.error("invalid \(key == "labels" ? "label" : "annotation") name: \(name)")
            }
            guard isTemplate else {
                result.append(RuleText(name: name, text: text, template: nil))
                continue
            }
            do {
                let template = try Template(
                    parsing: text,
                    name: "__alert_\(mapping.string("alert") ?? "")",
                    variables: Template.ruleVariables
                )
                result.append(RuleText(name: name, text: text, template: template))
            } catch {
                value.error(
                    atUTF8Offset: error.utf8Offset,
                    "could not parse template of '\(name)': \(error.message)"
                )
            }
        }
        return result.sorted { $0.name < $1.name }
    }

    /// The rule's labels with those of the group that it does not set itself.
    private func merged(_ labels: [RuleText]) -> [RuleText] {
        let own = Set(labels.map(\.name))
        let inherited = groupLabels.filter { !own.contains($0.key) }.map { name, text in
            RuleText(
                name: name,
                text: text,
                template: try? Template(
                    parsing: text,
                    name: name,
                    variables: Template.ruleVariables
                )
            )
        }
        return (labels + inherited).sorted { $0.name < $1.name }
    }
}
