// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import PromQLSyntax
internal import Samples
internal import Templates

/// Expands the labels and annotations of one result of an alerting rule.
struct RuleExpansion {
    let rule: Rule
    let context: RuleContext
    let sample: SeriesSample
    let time: Timestamp

    /// The alert's labels: those of the result, those of the rule, and `alertname`.
    func labels() async -> LabelSet {
        var labels = sample.labels.withoutMetricName
        for label in rule.labels {
            labels = labels.setting(label.name, to: await expand(label))
        }
        return labels.setting("alertname", to: rule.name)
    }

    /// The annotations by name.
    func annotations() async -> [String: String] {
        var result: [String: String] = [:]
        for annotation in rule.annotations { result[annotation.name] = await expand(annotation) }
        return result
    }

    /// A template that fails gives its error as text, and the alert still goes out.
    private func expand(_ text: RuleText) async -> String {
        guard let template = text.template, !template.isLiteral else { return text.text }
        let data = TemplateValue.object([
            "Labels": .labels(sample.labels), "Value": .float(sample.value),
            "ExternalLabels": .labels(context.options.externalLabels),
            "ExternalURL": .string(context.options.externalURL),
        ])
        do throws(TemplateError) {
            return try await template.expand(data, functions: functions)
        } catch {
            return "<error expanding template: error executing template \(template.name): \(error)>"
        }
    }

    private var functions: TemplateFunctions {
        let (query, time) = (context.openQueries().query, time)
        return TemplateFunctions(
            now: time,
            externalURL: context.options.externalURL,
            query: { text throws(TemplateFailure) in
                do {
                    return try await query(try parseExpression(text), time).map {
                        TemplateFunctions.sample(labels: $0.labels, value: $0.value)
                    }
                } catch {
                    throw TemplateFailure("\(error)")
                }
            }
        )
    }

    /// The page that shows the rule's expression.
    static func link(to rule: Rule, options: RuleOptions) -> String {
        var base = options.externalURL
        while base.hasSuffix("/") { base.removeLast() }
        return "\(base)/graph?g0.expr=\(queryEscaped(rule.expressionText))&g0.tab=1"
    }
}
