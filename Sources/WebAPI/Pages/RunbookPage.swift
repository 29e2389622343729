// SPDX-License-Identifier: Apache-2.0
// Nightjar
internal import Alerts
internal import HTTPServer
internal import PromQLSyntax
internal import Samples

/// `GET /runbooks/NAME`: what an alert means, whom it hits and what to do, and where it fires now.
///
/// It is what `runbook_url` of the documented alerts leads to: the words of the rule itself, with
/// the values of the moment where it is active.
func answerRunbook(_ web: WebRequest) async throws -> HTTPResponse {
    let rules = await web.context.rules().flatMap(\.rules)
        .filter { $0.name == web.argument && $0.alerting != nil }
    guard !rules.isEmpty else {
        throw APIError(.notFound, "no alerting rule is named \(quoted(web.argument))")
    }
    var page = HTMLText(title: web.argument)
    for rule in rules {
        guard let alerting = rule.alerting else { continue }
        describe(rule, alerting, into: &page)
        instances(of: rule, alerting, web.context.now(), into: &page)
    }
    page.raw("<p><a href=\"/\">Everything that fires</a></p>\n")
    return page.response
}

private func describe(_ rule: RuleReport, _ alerting: AlertingReport, into page: inout HTMLText) {
    let wait = alerting.pendingFor > .zero ? " for \(formatDuration(alerting.pendingFor))" : ""
    page.raw("<p><code>\(escaped(rule.query))</code>\(escaped(wait))")
    page.raw(" · <a href=\"\(escaped(graphAddress(rule.query)))\">graph</a></p>\n")
    page.paragraph("Severity", rule.labels["severity"] ?? "")
    // While it is inactive, only the rule's own words are known.
    guard alerting.alerts.isEmpty else { return }
    for (title, name) in parts {
        page.paragraph(title, withoutActions(alerting.annotations[name] ?? ""))
    }
}

private func instances(
    of rule: RuleReport,
    _ alerting: AlertingReport,
    _ now: Timestamp,
    into page: inout HTMLText
) {
    for alert in alerting.alerts.sorted(by: { $0.activeAt < $1.activeAt }) {
        let elapsed = Duration.seconds(max(0, (now - alert.activeAt).components.seconds))
        let state = alert.phase.rawValue
        page.raw("<h2 class=\"\(state)\">\(state) for \(formatDuration(elapsed))</h2>\n")
        let labels = alert.labels.setting("alertname", to: "")
        page.paragraph("Where", labels.isEmpty ? "" : "\(labels)")
        page.paragraph("Since", TimeText.text(of: alert.activeAt))
        page.paragraph("Value", "\(alert.value)")
        for (title, name) in parts { page.paragraph(title, alert.annotations[name] ?? "") }
    }
}

private let parts = [
    ("What", "summary"), ("Evidence", "description"), ("Impact", "impact"),
    ("First step", "first_step"),
]

/// The page that draws an expression.
func graphAddress(_ expression: String) -> String {
    let digits = Array("0123456789ABCDEF")
    var text = "/graph?g0.expr="
    for byte in expression.utf8 {
        let letter = Unicode.Scalar(byte)
        if letter.properties.isAlphabetic && byte < 128 || 48...57 ~= byte {
            text.unicodeScalars.append(letter)
        } else {
            text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
    }
    return text
}

/// A template's text with an ellipsis for what only an active alert knows.
private func withoutActions(_ template: String) -> String {
    var text = ""
    var rest = Substring(template)
    while let start = rest.firstRange(of: "{{") {
        text += rest[..<start.lowerBound]
        rest = rest[start.upperBound...]
        let action = rest.prefix { $0 != "}" }
        // `{{ $labels.service }}` reads as its name; conditions and values as an ellipsis.
        let words = action.split(separator: " ")
        let label = words.count == 1 && action.contains("$labels.") ? words[0].dropFirst(8) : "…"
        text += label == "…" ? "…" : "<\(label)>"
        guard let end = rest.firstRange(of: "}}") else { return text }
        rest = rest[end.upperBound...]
    }
    return text + rest
}

extension Substring {
    /// The first place of two equal letters or any other short text.
    fileprivate func firstRange(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            formIndex(after: &start)
        }
        return nil
    }
}
